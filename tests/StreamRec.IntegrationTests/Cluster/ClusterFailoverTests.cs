using StackExchange.Redis;
using StreamRec.Pipeline;
using StreamRec.Redis;
using StreamRec.TestServers;
using Xunit.Abstractions;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>
/// The worker and a plain reader across a real Redis Cluster, while the master of a shard with states, and then that of one
/// with lists alone, is killed under load. At the end every state is the fold of what was produced, and every list is the one
/// that a worker on a single store, where nothing failed, makes of the same events.
/// </summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterFailoverTests(RedisCluster cluster, ITestOutputHelper output)
{
    private const string Prefix = "failover";
    // Of more, some would always be on the third master.
    private const int Partitions = 2;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    [KafkaClusterFact]
    public async Task States_and_lists_survive_the_failover_of_any_shard()
    {
        await using var kafka = await KafkaServer.StartAsync();
        var bundle = await SmallBundle.PathAsync();
        var (topic, states, listsOnly) = await ChooseTopicAsync();
        await kafka.CreateTopicAsync(topic, Partitions);
        using var traffic = new ClusterTraffic(kafka.Bootstrap, topic);
        traffic.Produce(300);
        using var worker = WorkerProcess.Work(kafka.Bootstrap, cluster, Prefix, topic, bundle);
        await ReachedAsync(topic, traffic, worker);
        await using var reader = await ConnectionMultiplexer.ConnectAsync(cluster.Address);
        var reads = new PlainReader(reader.GetDatabase(), Prefix, traffic.Users);
        using var done = new CancellationTokenSource();
        var reading = reads.RunAsync(done.Token);

        await FailOverAsync("states", states, new StoreKeys(Prefix).Meta(Partition(topic, 0)), topic, traffic, worker);
        await FailOverAsync("lists alone", listsOnly, traffic.KeyOn(new StoreKeys(Prefix), await SlotsAsync(listsOnly)), topic, traffic, worker);

        var dirty = Enumerable.Range(0, Partitions).Select(p => new StoreKeys(Prefix).Dirty(Partition(topic, p))).ToArray();
        await worker.UntilAsync(
            "no user is dirty", async () => (await Task.WhenAll(dirty.Select(key => reader.GetDatabase().HashLengthAsync(key)))).Sum() == 0, s_limit);
        await done.CancelAsync();
        await reading;
        await CheckAsync(kafka.Bootstrap, topic, bundle, reader.GetDatabase());
        Assert.True(reads.Succeeded > 0 && reads.Wrong == 0, $"{reads.Succeeded} reads, {reads.Wrong} of something else");
        output.WriteLine($"{traffic.Produced} events of {traffic.Users.Count} users; {reads.Succeeded} reads by a plain reader all the while, {reads.Failed} failed");
        Assert.Equal(0, await worker.StopAsync());
    }

    private async Task FailOverAsync(
        string what, int master, RedisKey key, string topic, ClusterTraffic traffic, WorkerProcess worker)
    {
        traffic.Produce(100);
        Assert.Equal(master, await cluster.MasterOfAsync(key));
        await cluster.KillAsync(master);
        traffic.Produce(100);
        await cluster.TakenOverAsync(key, master);
        traffic.Produce(100);
        await ReachedAsync(topic, traffic, worker);
        await cluster.ReviveAsync(master);
        output.WriteLine($"the shard with {what} (node {master}) was taken over by node {await cluster.MasterOfAsync(key)}");
    }

    // A topic whose partitions leave one master without any states.
    private async Task<(string Topic, int States, int ListsOnly)> ChooseTopicAsync()
    {
        for (var i = 0; ; i++)
        {
            var topic = $"clicks{i}";
            var masters = new List<int>();
            for (var p = 0; p < Partitions; p++)
            {
                masters.Add(await cluster.MasterOfAsync(new StoreKeys(Prefix).Meta(Partition(topic, p))));
            }
            if (masters.Distinct().Count() == Partitions)
            {
                return (topic, masters[0], (await cluster.MastersAsync()).Except(masters).Single());
            }
        }
    }

    private async Task<Func<RedisKey, bool>> SlotsAsync(int master)
    {
        var slots = await cluster.SlotsOfAsync(master);
        return key => slots.Contains(cluster.Connection.GetHashSlot(key));
    }

    private async Task ReachedAsync(string topic, ClusterTraffic traffic, WorkerProcess worker)
    {
        var redis = cluster.Connection.GetDatabase();
        await worker.UntilAsync("all that was produced is worked", async () =>
        {
            for (var p = 0; p < Partitions; p++)
            {
                if ((long?)await redis.HashGetAsync(new StoreKeys(Prefix).Meta(Partition(topic, p)), "next") != traffic.EndOf(p))
                {
                    return false;
                }
            }
            return true;
        }, s_limit);
    }

    private async Task CheckAsync(string bootstrap, string topic, string bundle, IDatabase redis)
    {
        using var lists = new ReferenceLists(bundle);
        var fold = new ReferenceFold(2 * lists.Window - 1, Partitions).Fold(TopicLog.Read(bootstrap, topic, Partitions).Records);
        var (oracle, verdict) = (new StoreOracle(redis, Prefix, topic, Partitions), new Verdict());
        await oracle.CheckStatesAsync(fold, verdict);
        await oracle.CheckListsAsync(fold, lists, WorkerSettings.ListSize, verdict);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
        Assert.True(verdict.Users > 30);
    }

    private static PartitionIdentity Partition(string topic, int partition) => new(topic, partition, topic, Partitions, "");
}
