using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>
/// A worker on a Redis Cluster under traffic. At the end, whatever the Cluster did meanwhile, every state is the fold
/// of what was produced, and every list is the one that a worker on a single store, where nothing failed, makes of the
/// same events.
/// </summary>
internal sealed class ClusterRun : IAsyncDisposable
{
    // Of more, some would always be on the third master.
    private const int Partitions = 2;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private readonly RedisCluster _cluster;
    private readonly KafkaServer _kafka;
    private readonly string _bundle,
        _topic;

    private ClusterRun(RedisCluster cluster, KafkaServer kafka, string prefix, string bundle, string topic)
    {
        (_cluster, _kafka, _bundle, _topic, Prefix) = (cluster, kafka, bundle, topic, prefix);
        Traffic = new ClusterTraffic(kafka.Bootstrap, topic);
        Worker = WorkerProcess.Work(kafka.Bootstrap, cluster, prefix, topic, bundle);
    }

    public string Prefix { get; }

    public StoreKeys Keys => new(Prefix);

    public ClusterTraffic Traffic { get; }

    public WorkerProcess Worker { get; }

    /// <summary>Starts a worker, with some events to work.</summary>
    public static async Task<ClusterRun> StartAsync(RedisCluster cluster, string prefix)
    {
        var topic = await ChooseTopicAsync(cluster, new StoreKeys(prefix));
        var bundle = await SmallBundle.PathAsync();
        var kafka = await KafkaServer.StartAsync();
        try
        {
            await kafka.CreateTopicAsync(topic, Partitions);
        }
        catch
        {
            await kafka.DisposeAsync();
            throw;
        }
        var run = new ClusterRun(cluster, kafka, prefix, bundle, topic);
        run.Traffic.Produce(300);
        return run;
    }

    public PartitionIdentity Partition(int partition) => Partition(_topic, partition);

    /// <summary>The master of a partition's states.</summary>
    public Task<int> StatesAsync(int partition) => _cluster.MasterOfAsync(Keys.Meta(Partition(partition)));

    /// <summary>The master that has lists alone.</summary>
    public async Task<int> ListsOnlyAsync() =>
        (await _cluster.MastersAsync())
            .Except(await Task.WhenAll(Enumerable.Range(0, Partitions).Select(StatesAsync)))
            .Single();

    /// <summary>The key of some list on a master.</summary>
    public async Task<RedisKey> ListOnAsync(int master)
    {
        var slots = await _cluster.SlotsOfAsync(master);
        return Traffic.KeyOn(Keys, key => slots.Contains(_cluster.Connection.GetHashSlot(key)));
    }

    /// <summary>Waits until all that was produced is worked.</summary>
    public async Task ReachedAsync()
    {
        var redis = _cluster.Connection.GetDatabase();
        await Worker.UntilAsync(
            "all that was produced is worked",
            async () =>
            {
                for (var p = 0; p < Partitions; p++)
                {
                    if ((long?)await redis.HashGetAsync(Keys.Meta(Partition(p)), "next") != Traffic.EndOf(p))
                    {
                        return false;
                    }
                }
                return true;
            },
            s_limit
        );
    }

    /// <summary>Goes on producing until something holds.</summary>
    public Task ProduceUntilAsync(string what, Func<Task<bool>> holds) =>
        Worker.UntilAsync(
            what,
            () =>
            {
                Traffic.Produce(20);
                return holds();
            },
            s_limit
        );

    /// <summary>Waits until no user is dirty.</summary>
    public Task CleanAsync()
    {
        var dirty = Enumerable.Range(0, Partitions).Select(p => Keys.Dirty(Partition(p))).ToArray();
        var redis = _cluster.Connection.GetDatabase();
        return Worker.UntilAsync(
            "no user is dirty",
            async () => (await Task.WhenAll(dirty.Select(key => redis.HashLengthAsync(key)))).Sum() == 0,
            s_limit
        );
    }

    public async Task CheckAsync()
    {
        using var lists = new ReferenceLists(_bundle);
        var fold = new ReferenceFold(2 * lists.Window - 1, Partitions).Fold(
            TopicLog.Read(_kafka.Bootstrap, _topic, Partitions).Records
        );
        var (oracle, verdict) = (
            new StoreOracle(_cluster.Connection.GetDatabase(), Prefix, _topic, Partitions),
            new Verdict()
        );
        await oracle.CheckStatesAsync(fold, verdict);
        await oracle.CheckListsAsync(fold, lists, WorkerSettings.ListSize, verdict);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
        Assert.True(verdict.Users > 30);
    }

    public async ValueTask DisposeAsync()
    {
        Worker.Dispose();
        Traffic.Dispose();
        await _kafka.DisposeAsync();
    }

    // A topic whose partitions leave one master without any states.
    private static async Task<string> ChooseTopicAsync(RedisCluster cluster, StoreKeys keys)
    {
        for (var i = 0; ; i++)
        {
            var topic = $"clicks{i}";
            var masters = await Task.WhenAll(
                Enumerable.Range(0, Partitions).Select(p => cluster.MasterOfAsync(keys.Meta(Partition(topic, p))))
            );
            if (masters.Distinct().Count() == Partitions)
            {
                return topic;
            }
        }
    }

    private static PartitionIdentity Partition(string topic, int partition) =>
        new(topic, partition, topic, Partitions, "");
}
