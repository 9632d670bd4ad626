using StackExchange.Redis;
using StreamRec.Commands;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>
/// A worker that starts beside servers that are not ready: it says what they say, waits where that helps, and goes on.
/// </summary>
[Collection(nameof(Servers))]
public sealed class StartTests(Servers servers)
{
    private const int Unreachable = (int)ExitCode.Unreachable;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [ServerFact]
    public async Task A_Redis_that_refuses_writes_is_waited_for()
    {
        await using var redis = await RedisServer.StartAsync("--min-replicas-to-write", "1");
        await using var admin = await redis.ConnectAsync();
        using var worker = await StartAsync("refuses", redis.Address);
        await worker.SaysAsync("min-replicas-to-write", s_limit);

        await admin.GetDatabase().ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "0");

        Assert.True(await worker.ExitAsync(s_limit) == 0, worker.Output);
    }

    [ServerFact]
    public async Task A_Redis_that_is_slow_is_waited_for()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        await using var admin = await redis.ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
        using var worker = await StartAsync("slow", redis.Address);
        await worker.SaysAsync("did not answer in time", s_limit);

        await admin.GetDatabase().ExecuteAsync("CLIENT", "UNPAUSE");

        Assert.True(await worker.ExitAsync(s_limit) == 0, worker.Output);
    }

    [ServerFact]
    public async Task A_replica_is_named_and_waited_for_until_it_is_a_master()
    {
        await using var master = await RedisServer.StartAsync("--appendonly", "no");
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}");
        await using var admin = await replica.ConnectAsync();
        using var worker = await StartAsync("replica", replica.Address);
        await worker.SaysAsync("is a replica", s_limit);

        await admin.GetDatabase().ExecuteAsync("REPLICAOF", ["NO", "ONE"]);

        Assert.True(await worker.ExitAsync(s_limit) == 0, worker.Output);
        // What was written is read by a URL as other clients take it, and a list is there for everyone.
        string[] lookup = ["lookup", "u", "--redis", $"redis://{replica.Address}/0", "--prefix", Prefix("replica")];
        Assert.Contains("popular", await Streamrec.RunAsync(lookup));
    }

    [ServerTheory]
    [InlineData("127.0.0.1:PORT,defaultDatabase=99", "database")]
    [InlineData("redis://127.0.0.1:PORT/99", "database")]
    [InlineData("redis://ro:secret-55@127.0.0.1:PORT", "refuses")]
    public async Task A_Redis_that_cannot_be_used_as_asked_is_told_at_once(string address, string told)
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        using var worker = await StartAsync(
            "unusable",
            address.Replace("PORT", $"{redis.Port}", StringComparison.Ordinal)
        );

        Assert.True(await worker.ExitAsync(s_limit) == Unreachable, worker.Output);
        Assert.Contains(told, worker.Output);
        Assert.DoesNotContain("secret-55", worker.Output);
        Assert.DoesNotContain("Not yet", worker.Output);
    }

    [ServerFact]
    public async Task Topics_that_lose_events_are_named()
    {
        var topic = $"start-lossy-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1, ("cleanup.policy", "compact,delete"), ("retention.ms", "60000"));
        await servers.Kafka.CreateTopicAsync(topic + ".dead-letters", 1, ("cleanup.policy", "compact"));

        using var worker = await StartAsync("lossy", servers.Redis.Address, topic);

        Assert.True(await worker.ExitAsync(s_limit) == 0, worker.Output);
        Assert.All(
            (string[])[$"'{topic}' is compacted", $"'{topic}.dead-letters' is compacted", "retention.ms=60000"],
            said => Assert.Contains(said, worker.Output)
        );
    }

    private static string Prefix(string name) => $"start-{name}";

    private async Task<ServerProcess> StartAsync(string name, string redis, string? topic = null)
    {
        if (topic is null)
        {
            topic = $"start-{name}-{Guid.NewGuid():N}";
            await servers.Kafka.CreateTopicAsync(topic, 1);
        }
        var settings = new WorkerSettings(
            await SmallBundle.PathAsync(),
            topic,
            $"{topic}-group",
            servers.Kafka.Bootstrap,
            redis,
            Prefix(name)
        )
        {
            Further = ["--until-end", "--set", "StartTimeout=00:10:00"],
        };
        return settings.Start();
    }
}
