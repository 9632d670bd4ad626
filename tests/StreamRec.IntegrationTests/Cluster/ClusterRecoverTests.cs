using StackExchange.Redis;
using StreamRec.Commands;
using StreamRec.Delivery.Protocol;
using StreamRec.IntegrationTests.Security;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Recovery;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>`streamrec recover` on a real Redis Cluster.</summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterRecoverTests(RedisCluster cluster)
{
    private const string Prefix = "recovered",
        Secret = "operator-secret";
    private const int Partitions = 2;

    /// <summary>
    /// A list that is ahead of its state, as a rollback of the states' shard leaves one: its event is in no log any
    /// more, so no replay replaces it. And one that was lost.
    /// </summary>
    [KafkaClusterFact]
    public async Task Lists_of_kept_states_are_published_again()
    {
        await using var kafka = await StartedAsync("kept");
        using var traffic = await WorkedAsync(kafka, "kept");
        var redis = cluster.Connection.GetDatabase();
        var key = new StoreKeys(Prefix).List(traffic.Users[0]);
        var ahead = System.Text.RegularExpressions.Regex.Replace(
            (string)(await redis.StringGetAsync(key))!,
            "\"offset\":\\d+",
            "\"offset\":999999"
        );
        await redis.StringSetAsync(key, ahead);
        await redis.KeyDeleteAsync(new StoreKeys(Prefix).List(traffic.Users[1]));

        var told = await RecoverAsync(kafka, "kept", ExitCode.Success, "--states", "keep");
        await Streamrec.RunAsync(await WorkAsync(kafka, "kept"));

        Assert.Contains($"{traffic.Users.Count} users", told);
        await CheckAsync(kafka, "kept", generation: 1);
    }

    [KafkaClusterFact]
    public async Task States_and_lists_are_built_anew()
    {
        await using var kafka = await StartedAsync("dropped");
        using var traffic = await WorkedAsync(kafka, "dropped");

        await RecoverAsync(kafka, "dropped", ExitCode.Success, "--lists", "drop");
        var redis = cluster.Connection.GetDatabase();
        Assert.False(await redis.KeyExistsAsync(new StoreKeys(Prefix).List(traffic.Users[0])));
        await Streamrec.RunAsync(await WorkAsync(kafka, "dropped"));

        await CheckAsync(kafka, "dropped", generation: 1);
    }

    /// <summary>
    /// A failover to a replica that lags brings lists back, whose users' states are in another shard: so they are gone
    /// for good before their states go, or the recovery does not end, and its repetition finds them.
    /// </summary>
    [KafkaClusterFact]
    public async Task What_replicas_do_not_have_is_not_recovered()
    {
        await using var kafka = await StartedAsync("lagging");
        using var traffic = await WorkedAsync(kafka, "lagging");
        var redis = cluster.Connection.GetDatabase();
        var key = new StoreKeys(Prefix).List(traffic.Users[0]);
        var list = await redis.StringGetAsync(key);
        var master = await cluster.MasterOfAsync(key);

        var replica = await cluster.PauseReplicaOfAsync(master);
        string refused;
        try
        {
            refused = await RecoverAsync(kafka, "lagging", ExitCode.Unreachable, "--lists", "drop");
        }
        finally
        {
            await cluster.ResumeAsync(replica);
        }
        await redis.StringSetAsync(key, list);

        Assert.Contains($"127.0.0.1:{master}", refused);
        Assert.Contains("ListReplicas", refused);
        Assert.Contains(
            nameof(HaltReason.RecoveryUnfinished),
            await Streamrec.RunAsync(await WorkAsync(kafka, "lagging"), expected: (int)ExitCode.Halted)
        );
        await RecoverAsync(kafka, "lagging", ExitCode.Success, "--lists", "drop");
        Assert.False(await redis.KeyExistsAsync(key));
    }

    /// <summary>
    /// WAIT on a connection answers for that one's writes alone, and a shard that failed over has another.
    /// </summary>
    [ClusterFact]
    public async Task Writes_of_a_connection_that_was_lost_do_not_count()
    {
        await using var redis = await RedisConnection.ConnectAsync(new RedisSettings(cluster.Address));
        var writes = await ShardWrites.BeginAsync(redis, replicas: 1);
        await writes.ReplicatedAsync();
        var master = (await RedisConnection.MastersAsync(redis))[0];
        var id = (long)await master.ExecuteAsync("CLIENT", "ID");

        await cluster.Connection.GetServer(master.EndPoint).ExecuteAsync("CLIENT", "KILL", "ID", id);
        await Wait.UntilAsync("another connection stands", async () => await IdAsync() != id, TimeSpan.FromMinutes(1));

        var fault = await Assert.ThrowsAsync<StreamRecException>(writes.ReplicatedAsync);
        Assert.Contains("run the same command again", fault.Message);

        async Task<long> IdAsync()
        {
            try
            {
                return (long)await master.ExecuteAsync("CLIENT", "ID");
            }
            catch (RedisConnectionException)
            {
                return id;
            }
        }
    }

    /// <summary>
    /// What the client knows of who is a master can be old; one that was left out would keep its users' states.
    /// </summary>
    [ClusterFact]
    public async Task Masters_are_asked_for_anew()
    {
        var redis = cluster.Connection.GetDatabase();
        var keys = new StoreKeys("swapped");
        var states = Enumerable
            .Range(0, 12)
            .Select(p => keys.State(new PartitionIdentity("clicks", p, "uuid", 12, "group"), "user"))
            .ToArray();
        foreach (var state in states)
        {
            await redis.StringSetAsync(state, "state");
        }
        var master = await cluster.MasterOfAsync(states[0]);
        await cluster.KillAsync(master);
        try
        {
            await cluster.TakenOverAsync(states[0], master);
            Assert.Equal(
                states.Length,
                await new PartitionRecovery(redis, keys).DropStatesAsync(
                    "clicks",
                    null,
                    lists: false,
                    CancellationToken.None
                )
            );
        }
        finally
        {
            await cluster.ReviveAsync(master);
        }
        foreach (var state in states)
        {
            Assert.False(await redis.KeyExistsAsync(state));
        }
    }

    private static async Task<KafkaServer> StartedAsync(string topic)
    {
        var kafka = await KafkaServer.StartAsync();
        await kafka.CreateTopicAsync(topic, Partitions);
        return kafka;
    }

    private async Task<ClusterTraffic> WorkedAsync(KafkaServer kafka, string topic)
    {
        foreach (
            var server in cluster
                .Connection.GetServers()
                .Where(server => server is { IsConnected: true, IsReplica: false })
        )
        {
            await foreach (var key in server.KeysAsync(pattern: $"{Prefix}:*"))
            {
                await cluster.Connection.GetDatabase().KeyDeleteAsync(key);
            }
        }
        await cluster.OnEachAsync([
            .. SecurityPage
                .Block("redis-cluster-operator")
                .Single()
                .Skip(1)
                .Select(word =>
                    word.Replace("PASSWORD", Secret, StringComparison.Ordinal)
                        .Replace("~streamrec:", $"~{Prefix}:", StringComparison.Ordinal)
                ),
        ]);
        var traffic = new ClusterTraffic(kafka.Bootstrap, topic);
        traffic.Produce(400);
        await Streamrec.RunAsync(await WorkAsync(kafka, topic));
        return traffic;
    }

    private async Task<string[]> WorkAsync(KafkaServer kafka, string topic) =>
        WorkerProcess.Arguments(
            kafka.Bootstrap,
            cluster,
            Prefix,
            topic,
            await SmallBundle.PathAsync(),
            "--until-end",
            "--set",
            "TopicIds=true"
        );

    /// <summary>As the operator of docs/security.md.</summary>
    private Task<string> RecoverAsync(KafkaServer kafka, string topic, ExitCode expected, params string[] further) =>
        Streamrec.RunAsync(
            [
                "recover",
                "--topic",
                topic,
                "--group",
                "clustered",
                "--bootstrap",
                kafka.Bootstrap,
                "--redis",
                cluster.Address,
                "--prefix",
                Prefix,
                "--yes",
                .. further,
            ],
            new Dictionary<string, string>
            {
                ["STREAMREC__REDISUSER"] = "operator",
                ["STREAMREC__REDISPASSWORD"] = Secret,
            },
            (int)expected
        );

    private async Task CheckAsync(KafkaServer kafka, string topic, int generation)
    {
        using var lists = new ReferenceLists(await SmallBundle.PathAsync());
        var fold = new ReferenceFold(2 * lists.Window - 1, Partitions).Fold(
            TopicLog.Read(kafka.Bootstrap, topic, Partitions).Records
        );
        var redis = cluster.Connection.GetDatabase();
        var (oracle, verdict) = (new StoreOracle(redis, Prefix, topic, Partitions), new Verdict());
        await oracle.CheckStatesAsync(fold, verdict);
        await oracle.CheckListsAsync(fold, lists, WorkerSettings.ListSize, verdict);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
        foreach (var user in fold.Users.Keys)
        {
            Assert.Contains(
                $"\"generation\":{generation},",
                (string?)await redis.StringGetAsync(new StoreKeys(Prefix).List(user))
            );
        }
    }
}
