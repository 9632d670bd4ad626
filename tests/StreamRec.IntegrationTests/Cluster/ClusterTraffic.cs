using Confluent.Kafka;
using StackExchange.Redis;
using StreamRec.Redis;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>Clicks of a few users, and what their sequences must be: folded here, without the product's code.</summary>
internal sealed class ClusterTraffic : IDisposable
{
    private const int UserCount = 40, Items = 60;
    private const long StartMs = 1_700_000_000_000;

    private readonly Random _random = new(1);
    private readonly IProducer<string, string> _producer;
    private readonly string _topic;
    private readonly List<(string User, string Event, long TimeMs, TopicPartitionOffset Place)> _sent = [];

    public ClusterTraffic(string bootstrap, string topic)
    {
        _topic = topic;
        _producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = bootstrap, Partitioner = Partitioner.Murmur2Random, LingerMs = 0,
        }).Build();
    }

    public IReadOnlyList<string> Users { get; } = [.. Enumerable.Range(0, UserCount).Select(u => $"user-{u}")];

    public int Produced => _sent.Count;

    /// <summary>Events to train on.</summary>
    public static IEnumerable<string> Past()
    {
        var random = new Random(2);
        return Enumerable.Range(0, 3000).Select(i =>
            $$"""{"event_id":"p{{i}}","user_id":"past-{{i % 100}}","item_id":"item-{{(i / 100 + i % 7 + random.Next(3)) % Items}}","type":"click","ts":{{StartMs + i}}}""");
    }

    /// <summary>Produces events, some of them late, and waits until all are acknowledged.</summary>
    public void Produce(int count)
    {
        var deliveries = new List<(string User, string Event, long TimeMs, Task<DeliveryResult<string, string>> Delivery)>();
        for (var i = 0; i < count; i++)
        {
            var (user, id, number) = (Users[_random.Next(UserCount)], $"e{_sent.Count + i}", _sent.Count + i);
            var time = StartMs + 1000 * number - (_random.Next(5) == 0 ? _random.Next(50_000) : 0);
            var value = $$"""{"event_id":"{{id}}","user_id":"{{user}}","item_id":"item-{{_random.Next(Items)}}","type":"click","ts":{{time}}}""";
            deliveries.Add((user, id, time, _producer.ProduceAsync(_topic, new() { Key = user, Value = value })));
        }
        _sent.AddRange(deliveries.Select(d => (d.User, d.Event, d.TimeMs, d.Delivery.GetAwaiter().GetResult().TopicPartitionOffset)));
    }

    public long EndOf(int partition) =>
        _sent.Where(s => s.Place.Partition.Value == partition).Select(s => s.Place.Offset.Value + 1).DefaultIfEmpty(0).Max();

    /// <summary>The key of some user's list that lives where it is asked for.</summary>
    public RedisKey KeyOn(StoreKeys keys, Func<RedisKey, bool> there) => Users.Select(keys.List).First(there);

    /// <summary>What each user's sequence must be: the latest <paramref name="kept"/> by time and id of what was accepted.</summary>
    public IEnumerable<(string User, Expected State)> Fold(int kept)
    {
        foreach (var user in _sent.GroupBy(s => s.User))
        {
            var events = new SortedSet<(long TimeMs, string Event)>(Comparer<(long TimeMs, string Event)>.Create(
                (a, b) => a.TimeMs != b.TimeMs ? a.TimeMs.CompareTo(b.TimeMs) : string.CompareOrdinal(a.Event, b.Event)));
            (long TimeMs, string Event)? floor = null;
            var count = 0;
            foreach (var sent in user.OrderBy(s => s.Place.Offset.Value))
            {
                var key = (sent.TimeMs, sent.Event);
                if (floor is { } below && events.Comparer.Compare(key, below) <= 0)
                {
                    continue;
                }
                count++;
                events.Add(key);
                if (events.Count > kept)
                {
                    floor = events.Min;
                    events.Remove(events.Min);
                }
            }
            var last = user.MaxBy(s => s.Place.Offset.Value).Place;
            yield return (user.Key, new(last.Partition.Value, count, last.Offset.Value, [.. events.Select(e => e.Event)]));
        }
    }

    public void Dispose() => _producer.Dispose();

    /// <summary>A user's sequence, oldest event first, and how many were ever accepted.</summary>
    public sealed record Expected(int Partition, long Count, long LastOffset, IReadOnlyList<string> EventIds);
}

/// <summary>A reader that knows nothing but the keys of lists, and counts what it gets.</summary>
internal sealed class PlainReader(IDatabase redis, string prefix, IReadOnlyList<string> users)
{
    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Whether every user's list could be read.</summary>
    public async Task<bool> AllAsync()
    {
        try
        {
            foreach (var user in users)
            {
                var list = (string?)await redis.StringGetAsync($"{prefix}:list:{user}");
                if (list is null || !list.Contains("\"items\":[", StringComparison.Ordinal))
                {
                    return false;
                }
                Succeeded++;
            }
            return true;
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException)
        {
            Failed++;
            return false;
        }
    }
}
