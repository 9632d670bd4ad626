using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Embedded;
using StreamRec.Hosting;
using StreamRec.Kafka.Producing;
using StreamRec.Options;
using StreamRec.Telemetry.Status;

namespace StreamRec.Tests.Hosting;

/// <summary>
/// The real worker on embedded servers: whatever comes, it goes on, and nothing is lost without a word.
/// </summary>
public sealed class BadInputTests : IDisposable
{
    private const string Topic = "clicks";
    private const long Now = 1767225600250;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-bad-");
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly EmbeddedStore _store = EmbeddedStore.Start();
    private readonly List<(string Reason, int Partition, long Offset)> _expected = [];

    public void Dispose()
    {
        _store.Dispose();
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Nothing_stops_the_worker_and_each_bad_record_is_a_dead_letter()
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(
            new ProducerConfig { BootstrapServers = _broker.Address, MessageMaxBytes = 16 << 20 }
        ).Build();
        using var admin = new DependentAdminClientBuilder(producer.Handle).Build();
        var partitions = await PartitionsAsync(admin);

        async Task SendAsync(string? reason, byte[]? key, byte[]? value, bool stray = false)
        {
            var home = key is null ? 0 : Murmur2.Partition(key, partitions);
            var place = await producer.ProduceAsync(
                new TopicPartition(Topic, stray ? (home + 1) % partitions : home),
                new Message<byte[]?, byte[]?>
                {
                    Key = key,
                    Value = value,
                    Timestamp = new Timestamp(Now, TimestampType.CreateTime),
                }
            );
            if (reason is not null)
            {
                _expected.Add((reason, place.Partition.Value, place.Offset.Value));
            }
        }
        Task SendTextAsync(string? reason, string value, string user = "u") =>
            SendAsync(reason, Bytes(user), Bytes(value));

        await SendTextAsync(null, Event("e1", "a"));
        await SendAsync("empty", Bytes("u"), null);
        await SendAsync("empty", Bytes("u"), []);
        await SendTextAsync("malformed_json", "not json");
        await SendTextAsync("malformed_json", Event("e2", "a")[..^10]);
        await SendTextAsync("malformed_json", Event("nan", "a").Replace($"{Now}", "NaN", StringComparison.Ordinal));
        await SendTextAsync("not_an_object", "[1]");
        await SendAsync("bad_utf8", Bytes("u"), [.. "{\"event_id\":\""u8, 0xFF, .. "\"}"u8]);
        await SendTextAsync("byte_order_mark", "\uFEFF" + Event("e3", "a"));
        await SendTextAsync("missing_field", "{\"event_id\":\"e\",\"user_id\":\"u\",\"ts\":1767225600250}");
        await SendTextAsync("wrong_type", Event("e4", "a").Replace("\"a\"", "true", StringComparison.Ordinal));
        await SendTextAsync("bad_length", Event("e5", new string('x', 129)));
        await SendTextAsync(
            "duplicate_field",
            Event("e6", "a").Replace("{", "{\"event_id\":\"e\",", StringComparison.Ordinal)
        );
        await SendTextAsync(
            "too_deep",
            Event("e7", "a")
                .Replace("{", "{\"x\":" + new string('[', 40) + new string(']', 40) + ",", StringComparison.Ordinal)
        );
        await SendTextAsync("time_in_seconds", Event("e8", "a", time: Now / 1000));
        await SendTextAsync("time_in_microseconds", Event("e9", "a", time: Now * 1000));
        await SendTextAsync("time_ahead", Event("e10", "a", time: Now + 7_200_000));
        await SendTextAsync(
            "out_of_range",
            Event("e11", "a").Replace("{", "{\"shown\":{\"position\":0},", StringComparison.Ordinal)
        );
        await SendTextAsync(
            "bad_length",
            Event("e16", "a").Replace("{", "{\"segments\":[\"\"],", StringComparison.Ordinal)
        );
        await SendTextAsync("key_mismatch", Event("e12", "a", user: "other"));
        await SendAsync("key_mismatch", null, Bytes(Event("e13", "a")));
        await SendAsync("stray_partition", Bytes("u"), Bytes(Event("e14", "a")), stray: partitions > 1);
        await SendTextAsync(
            "record_too_large",
            Event("e15", "a").Replace("{", "{\"x\":\"" + new string('x', 2 << 20) + "\",", StringComparison.Ordinal)
        );
        await SendTextAsync("id_conflict", Event("e1", "b", time: Now - 5));
        await SendTextAsync(null, Event("e1", "a"));
        await SendTextAsync(null, Event("old", "b", time: 200_000_000_000));
        await SendTextAsync(
            null,
            Event("e20", "no-such-item", user: "stranger")
                .Replace("{", "{\"segments\":[\"age:25-34\"],", StringComparison.Ordinal),
            "stranger"
        );
        await SendTextAsync(null, Event("e21", "b", user: "other"), "other");

        var outcomes = await WorkAsync();

        Assert.Equal(_expected.Order(), DeadLetters().Order());
        Assert.Equal((4, 1, 1), (outcomes.Accepted, outcomes.Duplicates, outcomes.Unknown));
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{_store.Address},asyncTimeout=60000");
        var reader = new ListReader(redis, new ListReaderOptions { ReadTimeout = TimeSpan.FromMinutes(1) });
        Assert.Equal("e1", (await reader.ReadAsync("u")).List!.LastEvent!.Id);
        Assert.Equal(["c"], (await reader.ReadAsync("u")).Items);
        Assert.Equal("e21", (await reader.ReadAsync("other")).List!.LastEvent!.Id);
        // Of a user on whom the model has nothing to say a reader gets the popular list; the event is kept all the
        // same.
        Assert.Equal(ListSource.Popular, (await reader.ReadAsync("stranger")).Source);
        var young = await reader.ReadAsync("stranger", ["age:25-34"]);
        Assert.Equal(("age:25-34", "b a c"), (young.Segment, string.Join(' ', young.Items)));
        var server = redis.GetServer(_store.Address);
        Assert.NotEmpty(await server.KeysAsync(pattern: "streamrec:state:*:stranger").ToListAsync());
    }

    private async Task<Outcomes> WorkAsync()
    {
        using var host = WorkHost.Build(
            Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true }),
            new WorkOptions
            {
                Bundle = MeanBundle.Write(Path.Combine(_directory.FullName, "model")),
                Topic = Topic,
                Group = "g",
                Bootstrap = _broker.Address,
                Redis = _store.Address,
                TopicIds = false,
                UntilEnd = true,
            }
        );
        var board = host.Services.GetRequiredService<StatusBoard>();
        var fault = WorkHost.FaultOf(host);
        await host.RunAsync();
        fault();
        return board.Current.Outcomes;
    }

    private List<(string Reason, int Partition, long Offset)> DeadLetters()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = _broker.Address,
                GroupId = "test",
                EnablePartitionEof = true,
                FetchMaxBytes = 32 << 20,
                MessageMaxBytes = 16 << 20,
            }
        ).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var left = admin.GetMetadata(Topic + ".dead-letters", TimeSpan.FromSeconds(30)).Topics[0].Partitions.Count;
        consumer.Assign(
            Enumerable
                .Range(0, left)
                .Select(p => new TopicPartitionOffset(Topic + ".dead-letters", p, Offset.Beginning))
        );
        var letters = new List<(string, int, long)>();
        while (left > 0)
        {
            var result =
                consumer.Consume(TimeSpan.FromSeconds(30))
                ?? throw new TimeoutException("The dead-letter topic has no end.");
            if (result.IsPartitionEOF)
            {
                left--;
                continue;
            }
            string Header(string name) =>
                System.Text.Encoding.UTF8.GetString(result.Message.Headers.GetLastBytes(name));
            Assert.Equal(Topic, Header("streamrec.topic"));
            letters.Add(
                (
                    Header("streamrec.reason"),
                    int.Parse(Header("streamrec.partition")),
                    long.Parse(Header("streamrec.offset"))
                )
            );
        }
        return letters;
    }

    private static async Task<int> PartitionsAsync(IAdminClient admin)
    {
        // The broker makes a topic when it is first named.
        while (admin.GetMetadata(Topic, TimeSpan.FromSeconds(30)).Topics[0] is var topic)
        {
            if (!topic.Error.IsError && topic.Partitions.Count > 0)
            {
                return topic.Partitions.Count;
            }
            await Task.Yield();
        }
        throw new InvalidOperationException("there is always a topic");
    }

    private static string Event(string id, string item, string user = "u", long time = Now) =>
        $$"""{"event_id":"{{id}}","user_id":"{{user}}","item_id":"{{item}}","ts":{{time}}}""";

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
