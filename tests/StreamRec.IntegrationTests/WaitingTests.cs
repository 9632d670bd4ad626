using Confluent.Kafka;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>A worker that stands says why, goes on by itself, and says that too.</summary>
[Collection(nameof(Servers))]
public sealed class WaitingTests(Servers servers) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-waiting-");

    public void Dispose() => _directory.Delete(recursive: true);

    [ServerFact]
    public async Task While_the_dead_letter_topic_refuses_the_partition_names_it()
    {
        var topic = await TopicAsync();
        await servers.Kafka.CreateTopicAsync($"{topic}.dead-letters", 1, ("max.message.bytes", "1"));
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap }
        ).Build();
        await producer.ProduceAsync(topic, new Message<string, string> { Key = "u", Value = "no event" });

        using var worker = (await SettingsAsync(topic, servers.Redis.Address)).Start();

        await worker.SaysAsync(
            $"(dead_letters): topic '{topic}.dead-letters' does not acknowledge dead letters (Broker: "
                + "Message size too large)",
            s_limit
        );
        await worker.SaysAsync("1 partitions waiting: dead_letters", s_limit);
        worker.Terminate();
        await worker.ExitAsync(s_limit);
    }

    [ServerFact]
    public async Task A_member_with_another_assignor_is_named_and_once_it_is_gone_work_begins()
    {
        var topic = await TopicAsync();
        using var other = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = servers.Kafka.Bootstrap,
                GroupId = $"{topic}-group",
                PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range,
            }
        ).Build();
        other.Subscribe(topic);
        await Wait.UntilAsync(
            "the other member has its partition",
            () => other.Consume(TimeSpan.FromMilliseconds(100)) is null && other.Assignment.Count == 1,
            s_limit
        );

        using var worker = (await SettingsAsync(topic, servers.Redis.Address)).Start();

        await worker.SaysAsync($"(kafka_refuses): Kafka does not let this worker join group '{topic}-group'", s_limit);
        await worker.SaysAsync("another assignor", s_limit);
        await worker.SaysAsync("0 records worked on 0 partitions; lag of no partition", s_limit);
        other.Close();
        await worker.SaysAsync("Nothing waits any more for kafka_refuses", s_limit);
        await worker.SaysAsync("0 records worked on 1 partitions; lag 0", s_limit);
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync(s_limit));
    }

    [ServerFact]
    public async Task While_redis_refuses_writes_the_lag_is_what_waits_and_then_all_is_worked()
    {
        var topic = await TopicAsync();
        // Of its own: a setting of the server is changed.
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        await using var connection = await redis.ConnectAsync();
        var server = connection.GetServer(redis.Address);
        using var worker = (await SettingsAsync(topic, redis.Address)).Start();
        var next = new StoreOracle(connection.GetDatabase(), topic, topic, 1);
        await ProduceAsync(topic, "first", 0, 100);
        await Wait.UntilAsync(
            "the first are worked",
            async () => await next.NextAsync(0) == 100,
            s_limit,
            () => worker.Output
        );

        await server.ConfigSetAsync("min-replicas-to-write", "1");
        await worker.SaysAsync("(store_refuses): Redis refuses: NOREPLICAS", s_limit);
        await ProduceAsync(topic, "more", 100, 50);
        await worker.SaysAsync("lag 50;", s_limit);
        await worker.SaysAsync("1 partitions waiting: store_refuses", s_limit);

        await server.ConfigSetAsync("min-replicas-to-write", "0");
        await worker.SaysAsync("Nothing waits any more for store_refuses", s_limit);
        await Wait.UntilAsync(
            "all is worked",
            async () => await next.NextAsync(0) == 150,
            s_limit,
            () => worker.Output
        );
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync(s_limit));
    }

    private async Task<string> TopicAsync()
    {
        var topic = $"waiting-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1);
        return topic;
    }

    private async Task<WorkerSettings> SettingsAsync(string topic, string redis) =>
        new(await SmallBundle.PathAsync(), topic, $"{topic}-group", servers.Kafka.Bootstrap, redis, topic)
        {
            Further = ["--set", "ReportEvery=00:00:01"],
        };

    private async Task ProduceAsync(string topic, string file, int skip, int count)
    {
        var path = Path.Combine(_directory.FullName, file);
        File.WriteAllLines(
            path,
            EventData
                .Generated(users: 20, items: 30, events: 900, seed: 5)
                .Skip(skip)
                .Take(count)
                .Select(e => e.ToJson())
        );
        await Streamrec.RunAsync([
            "produce",
            "--events",
            path,
            "--topic",
            topic,
            "--bootstrap",
            servers.Kafka.Bootstrap,
        ]);
    }
}
