using System.Text.Json;
using StackExchange.Redis;
using StreamRec.Embedded;
using StreamRec.Pipeline;
using StreamRec.Redis;
using StreamRec.Sequences;
using Xunit.Abstractions;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>
/// The worker and a plain reader across a real Redis Cluster, while the master of a shard with states, and then that of one
/// with lists alone, is killed under load. At the end every state is the fold of what was produced, and every list is the one
/// that a worker on a single store, where nothing failed, makes of the same events.
/// </summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterFailoverTests(RedisCluster cluster, ITestOutputHelper output) : IDisposable
{
    private const string Prefix = "failover";
    private const int Partitions = 2, Window = 10;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-failover-");

    [ClusterFact]
    public async Task States_and_lists_survive_the_failover_of_any_shard()
    {
        using var broker = EmbeddedBroker.Start(Partitions);
        var bundle = await TrainAsync();
        var (topic, states, listsOnly) = await ChooseTopicAsync();
        using var traffic = new ClusterTraffic(broker.Address, topic);
        traffic.Produce(300);
        using var worker = Work(broker, topic, bundle, "clustered", cluster.Address);
        await ReachedAsync(topic, traffic, worker);
        await using var reader = await ConnectionMultiplexer.ConnectAsync(cluster.Address);
        var reads = new PlainReader(reader.GetDatabase(), Prefix, traffic.Users);

        await FailOverAsync("states", states, new StoreKeys(Prefix).Meta(Partition(topic, 0)), topic, traffic, worker, reads);
        await FailOverAsync("lists alone", listsOnly, traffic.KeyOn(new StoreKeys(Prefix), await SlotsAsync(listsOnly)), topic, traffic, worker, reads);

        var dirty = Enumerable.Range(0, Partitions).Select(p => new StoreKeys(Prefix).Dirty(Partition(topic, p))).ToArray();
        await worker.UntilAsync(
            "no user is dirty", async () => (await Task.WhenAll(dirty.Select(key => reader.GetDatabase().HashLengthAsync(key)))).Sum() == 0, s_limit);
        await CheckAsync(broker, topic, bundle, traffic, reader.GetDatabase());
        output.WriteLine($"{traffic.Produced} events of {traffic.Users.Count} users; {reads.Succeeded} reads by a plain reader, {reads.Failed} failed");
        Assert.Equal(0, await worker.StopAsync());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task FailOverAsync(
        string what, int master, RedisKey key, string topic, ClusterTraffic traffic, WorkerProcess worker, PlainReader reads)
    {
        traffic.Produce(100);
        Assert.Equal(master, await cluster.MasterOfAsync(key));
        await cluster.KillAsync(master);
        traffic.Produce(100);
        await cluster.TakenOverAsync(key, master);
        traffic.Produce(100);
        await ReachedAsync(topic, traffic, worker);
        await worker.UntilAsync("a plain reader finds every list", reads.AllAsync, s_limit);
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

    private async Task CheckAsync(EmbeddedBroker broker, string topic, string bundle, ClusterTraffic traffic, IDatabase redis)
    {
        using var single = EmbeddedStore.Start();
        using (var worker = Work(broker, topic, bundle, "single", single.Address, "--until-end"))
        {
            Assert.Equal(0, await worker.ExitAsync(s_limit));
        }
        await using var reference = await ConnectionMultiplexer.ConnectAsync(single.Address);
        var keys = new StoreKeys(Prefix);
        foreach (var (user, expected) in traffic.Fold(2 * Window - 1))
        {
            var state = StateCodec.Decode((byte[])(await redis.StringGetAsync(keys.State(Partition(topic, expected.Partition), user)))!);
            Assert.Equal(expected.EventIds, state.Events.Select(e => e.Key.EventId));
            Assert.Equal((expected.Count, expected.LastOffset), (state.Accepted, state.LastOffset));
            Same((string)(await reference.GetDatabase().StringGetAsync(keys.List(user)))!, (string)(await redis.StringGetAsync(keys.List(user)))!);
        }
    }

    private static void Same(string expected, string actual)
    {
        using var one = JsonDocument.Parse(expected);
        using var two = JsonDocument.Parse(actual);
        JsonElement a = one.RootElement, b = two.RootElement;
        Assert.Equal(a.GetProperty("through").GetProperty("offset").GetInt64(), b.GetProperty("through").GetProperty("offset").GetInt64());
        Assert.Equal(a.GetProperty("last_event").GetRawText(), b.GetProperty("last_event").GetRawText());
        Assert.Equal(a.GetProperty("items").GetArrayLength(), b.GetProperty("items").GetArrayLength());
        foreach (var (x, y) in a.GetProperty("scores").EnumerateArray().Zip(b.GetProperty("scores").EnumerateArray()))
        {
            // By rank, so items may change places only where their scores are closer than that.
            Assert.Equal(x.GetDouble(), y.GetDouble(), 1e-4);
        }
    }

    private async Task<string> TrainAsync()
    {
        var (events, bundle) = (Path.Combine(_directory.FullName, "past.jsonl"), Path.Combine(_directory.FullName, "model"));
        await File.WriteAllLinesAsync(events, ClusterTraffic.Past());
        using var train = new WorkerProcess(
            ["train", "--events", events, "--bundle", bundle, "--epochs", "1", "--dimension", "16", "--window", $"{Window}"]);
        Assert.True(await train.ExitAsync(s_limit) == 0, train.Output);
        return bundle;
    }

    private static WorkerProcess Work(
        EmbeddedBroker broker, string topic, string bundle, string group, string redis, params string[] further) => new(
        [
            "work", "--bundle", bundle, "--topic", topic, "--group", group, "--bootstrap", broker.Address, "--redis", redis,
            "--prefix", Prefix, "--list-size", "20", "--set", "TopicIds=false", "--set", "BatchRecords=16", .. further,
        ]);

    private static PartitionIdentity Partition(string topic, int partition) => new(topic, partition, topic, Partitions, "");
}
