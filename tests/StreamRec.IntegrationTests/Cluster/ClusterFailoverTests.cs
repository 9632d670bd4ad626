using StackExchange.Redis;
using Xunit.Abstractions;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>
/// The worker and a plain reader across a real Redis Cluster, while the master of a shard with states, and then that of
/// one with lists alone, is killed under load.
/// </summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterFailoverTests(RedisCluster cluster, ITestOutputHelper output)
{
    [KafkaClusterFact]
    public async Task States_and_lists_survive_the_failover_of_any_shard()
    {
        await using var run = await ClusterRun.StartAsync(cluster, "failover");
        await run.ReachedAsync();
        var (states, listsOnly) = (await run.StatesAsync(0), await run.ListsOnlyAsync());
        await using var reader = await ConnectionMultiplexer.ConnectAsync(cluster.Address);
        var reads = new PlainReader(reader.GetDatabase(), run.Prefix, run.Traffic.Users);
        using var done = new CancellationTokenSource();
        var reading = reads.RunAsync(done.Token);

        await FailOverAsync("states", states, run.Keys.Meta(run.Partition(0)), run);
        await FailOverAsync("lists alone", listsOnly, await run.ListOnAsync(listsOnly), run);

        await run.CleanAsync();
        await done.CancelAsync();
        await reading;
        await run.CheckAsync();
        Assert.True(
            reads.Succeeded > 0 && reads.Wrong == 0,
            $"{reads.Succeeded} reads, {reads.Wrong} of something else"
        );
        output.WriteLine(
            $"{run.Traffic.Produced} events of {run.Traffic.Users.Count} users; "
                + $"{reads.Succeeded} reads by a plain reader all the while, {reads.Failed} failed"
        );
        Assert.Equal(0, await run.Worker.StopAsync());
    }

    private async Task FailOverAsync(string what, int master, RedisKey key, ClusterRun run)
    {
        run.Traffic.Produce(100);
        Assert.Equal(master, await cluster.MasterOfAsync(key));
        await cluster.KillAsync(master);
        run.Traffic.Produce(100);
        await cluster.TakenOverAsync(key, master);
        run.Traffic.Produce(100);
        await run.ReachedAsync();
        await cluster.ReviveAsync(master);
        output.WriteLine(
            $"the shard with {what} (node {master}) was taken over by node {await cluster.MasterOfAsync(key)}"
        );
    }
}
