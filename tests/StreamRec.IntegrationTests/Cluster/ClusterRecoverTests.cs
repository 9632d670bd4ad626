using StackExchange.Redis;
using StreamRec.Pipeline;
using StreamRec.Redis;
using StreamRec.TestServers;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>`streamrec recover` on a real Redis Cluster.</summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterRecoverTests(RedisCluster cluster)
{
    private const string Prefix = "recovered";
    private const int Partitions = 2;

    /// <summary>
    /// A list that is ahead of its state, as a rollback of the states' shard leaves one: its event is in no log any more, so no
    /// replay replaces it. And one that was lost.
    /// </summary>
    [KafkaClusterFact]
    public async Task Lists_of_kept_states_are_published_again()
    {
        await using var kafka = await StartedAsync("kept");
        using var traffic = await WorkedAsync(kafka, "kept");
        var redis = cluster.Connection.GetDatabase();
        var key = new StoreKeys(Prefix).List(traffic.Users[0]);
        var ahead = System.Text.RegularExpressions.Regex.Replace((string)(await redis.StringGetAsync(key))!, "\"offset\":\\d+", "\"offset\":999999");
        await redis.StringSetAsync(key, ahead);
        await redis.KeyDeleteAsync(new StoreKeys(Prefix).List(traffic.Users[1]));

        var told = await RecoverAsync(kafka, "kept", "--states", "keep");
        await Streamrec.RunAsync(await WorkAsync(kafka, "kept"));

        Assert.Contains($"{traffic.Users.Count} users", told);
        await CheckAsync(kafka, "kept", generation: 1);
    }

    [KafkaClusterFact]
    public async Task States_and_lists_are_built_anew()
    {
        await using var kafka = await StartedAsync("dropped");
        using var traffic = await WorkedAsync(kafka, "dropped");

        await RecoverAsync(kafka, "dropped", "--lists", "drop");
        var redis = cluster.Connection.GetDatabase();
        Assert.False(await redis.KeyExistsAsync(new StoreKeys(Prefix).List(traffic.Users[0])));
        await Streamrec.RunAsync(await WorkAsync(kafka, "dropped"));

        await CheckAsync(kafka, "dropped", generation: 1);
    }

    /// <summary>What the client knows of who is a master can be old; one that was left out would keep its users' states.</summary>
    [ClusterFact]
    public async Task Masters_are_asked_for_anew()
    {
        var redis = cluster.Connection.GetDatabase();
        var keys = new StoreKeys("swapped");
        var states = Enumerable.Range(0, 12).Select(p => keys.State(new PartitionIdentity("clicks", p, "uuid", 12, "group"), "user")).ToArray();
        foreach (var state in states)
        {
            await redis.StringSetAsync(state, "state");
        }

        var master = await cluster.MasterOfAsync(states[0]);
        await cluster.KillAsync(master);
        await cluster.TakenOverAsync(states[0], master);
        var dropped = await new PartitionRecovery(redis, keys).DropStatesAsync("clicks", null, lists: false, CancellationToken.None);

        await cluster.ReviveAsync(master);
        Assert.Equal(states.Length, dropped);
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
        foreach (var server in cluster.Connection.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(pattern: $"{Prefix}:*"))
            {
                await cluster.Connection.GetDatabase().KeyDeleteAsync(key);
            }
        }
        var traffic = new ClusterTraffic(kafka.Bootstrap, topic);
        traffic.Produce(400);
        await Streamrec.RunAsync(await WorkAsync(kafka, topic));
        return traffic;
    }

    private async Task<string[]> WorkAsync(KafkaServer kafka, string topic) =>
        WorkerProcess.Arguments(kafka.Bootstrap, cluster, Prefix, topic, await SmallBundle.PathAsync(), "--until-end", "--set", "TopicIds=true");

    private Task<string> RecoverAsync(KafkaServer kafka, string topic, params string[] further) => Streamrec.RunAsync(
        ["recover", "--topic", topic, "--group", "clustered", "--bootstrap", kafka.Bootstrap, "--redis", cluster.Address, "--prefix", Prefix, "--yes", .. further]);

    private async Task CheckAsync(KafkaServer kafka, string topic, int generation)
    {
        using var lists = new ReferenceLists(await SmallBundle.PathAsync());
        var fold = new ReferenceFold(2 * lists.Window - 1, Partitions).Fold(TopicLog.Read(kafka.Bootstrap, topic, Partitions).Records);
        var redis = cluster.Connection.GetDatabase();
        var (oracle, verdict) = (new StoreOracle(redis, Prefix, topic, Partitions), new Verdict());
        await oracle.CheckStatesAsync(fold, verdict);
        await oracle.CheckListsAsync(fold, lists, WorkerSettings.ListSize, verdict);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
        foreach (var user in fold.Users.Keys)
        {
            Assert.Contains($"\"generation\":{generation},", (string?)await redis.StringGetAsync(new StoreKeys(Prefix).List(user)));
        }
    }
}
