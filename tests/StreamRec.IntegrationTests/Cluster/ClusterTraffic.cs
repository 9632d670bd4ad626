using Confluent.Kafka;
using StackExchange.Redis;
using StreamRec.Redis;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>Clicks of a few users.</summary>
internal sealed class ClusterTraffic : IDisposable
{
    private const int UserCount = 40,
        Items = 60;
    private const long StartMs = 1_700_000_000_000;

    private readonly Random _random = new(1);
    private readonly IProducer<string, string> _producer;
    private readonly string _topic;
    private readonly List<(string User, string Event, long TimeMs, TopicPartitionOffset Place)> _sent = [];

    public ClusterTraffic(string bootstrap, string topic)
    {
        _topic = topic;
        _producer = new ProducerBuilder<string, string>(
            new ProducerConfig
            {
                BootstrapServers = bootstrap,
                Partitioner = Partitioner.Murmur2Random,
                LingerMs = 0,
            }
        ).Build();
    }

    public IReadOnlyList<string> Users { get; } = [.. Enumerable.Range(0, UserCount).Select(u => $"user-{u}")];

    public int Produced => _sent.Count;

    /// <summary>Produces events, some of them late, and waits until all are acknowledged.</summary>
    public void Produce(int count)
    {
        var deliveries =
            new List<(string User, string Event, long TimeMs, Task<DeliveryResult<string, string>> Delivery)>();
        for (var i = 0; i < count; i++)
        {
            var (user, id, number) = (Users[_random.Next(UserCount)], $"e{_sent.Count + i}", _sent.Count + i);
            var time = StartMs + 1000 * number - (_random.Next(5) == 0 ? _random.Next(50_000) : 0);
            var value =
                $$"""{"event_id":"{{id}}","user_id":"{{user}}","item_id":"i{{_random.Next(Items):D6}}","""
                + $$""" "type":"click","ts":{{time}}}""";
            deliveries.Add((user, id, time, _producer.ProduceAsync(_topic, new() { Key = user, Value = value })));
        }
        _sent.AddRange(
            deliveries.Select(d =>
                (d.User, d.Event, d.TimeMs, d.Delivery.GetAwaiter().GetResult().TopicPartitionOffset)
            )
        );
    }

    public long EndOf(int partition) =>
        _sent
            .Where(s => s.Place.Partition.Value == partition)
            .Select(s => s.Place.Offset.Value + 1)
            .DefaultIfEmpty(0)
            .Max();

    /// <summary>The key of some user's list that lives where it is asked for.</summary>
    public RedisKey KeyOn(StoreKeys keys, Func<RedisKey, bool> there) => Users.Select(keys.List).First(there);

    public void Dispose() => _producer.Dispose();
}

/// <summary>
/// A reader that knows nothing but the keys of lists, reads them round and round, and counts what it gets.
/// </summary>
internal sealed class PlainReader(IDatabase redis, string prefix, IReadOnlyList<string> users)
{
    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    /// <summary>What was read and is no list.</summary>
    public int Wrong { get; private set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            foreach (var user in users)
            {
                try
                {
                    var list = (string?)await redis.StringGetAsync($"{prefix}:list:{user}");
                    Succeeded += list is null ? 0 : 1;
                    Wrong += list?.Contains("\"items\":[", StringComparison.Ordinal) == false ? 1 : 0;
                }
                catch (Exception fault) when (fault is RedisException or TimeoutException)
                {
                    Failed++;
                }
            }
        }
    }
}
