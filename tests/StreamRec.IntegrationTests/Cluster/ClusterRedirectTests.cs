using StackExchange.Redis;
using Xunit.Abstractions;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>
/// The worker across a real Redis Cluster whose nodes all live, and answer its scripts with MOVED, ASK and TRYAGAIN under load.
/// Nobody else runs scripts there, so that the nodes' own counts tell that it was the worker's.
/// </summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterRedirectTests(RedisCluster cluster, ITestOutputHelper output)
{
    // How the worker sends its scripts: those of states by their hash, those of lists by their text.
    private const string States = "evalsha", Lists = "eval";

    [KafkaClusterFact]
    public async Task States_and_lists_survive_masters_that_hand_over()
    {
        await using var run = await ClusterRun.StartAsync(cluster, "handed");
        await run.ReachedAsync();
        var (states, listsOnly) = (await run.StatesAsync(0), await run.ListsOnlyAsync());

        await HandOverAsync(States, states, run.Keys.Meta(run.Partition(0)), run);
        await HandOverAsync(Lists, listsOnly, await run.ListOnAsync(listsOnly), run);

        await HoldsAsync(run);
    }

    [KafkaClusterFact]
    public async Task States_and_lists_survive_slots_that_move()
    {
        await using var run = await ClusterRun.StartAsync(cluster, "moved");
        await run.ReachedAsync();
        var (from, to, listsOnly) = (await run.StatesAsync(0), await run.StatesAsync(1), await run.ListsOnlyAsync());

        var replica = await cluster.PauseReplicaOfAsync(listsOnly);
        try
        {
            await StayDirtyAsync(listsOnly, run);
            await MoveStatesAsync(from, to, run);
        }
        finally
        {
            await cluster.ResumeAsync(replica);
        }
        await MoveListAsync(listsOnly, to, run);

        await HoldsAsync(run);
    }

    private async Task HandOverAsync(string scripts, int master, RedisKey key, ClusterRun run)
    {
        await RedirectedAsync("MOVED", scripts, master, run, () => cluster.HandOverAsync(master));
        await cluster.TakenOverAsync(key, master);
        await run.ReachedAsync();
        await cluster.HealthyAsync();
    }

    // Lists that no replica has, for it is paused, keep some users of partition 0 dirty. While a slot is open, a step needs all its keys to be
    // there, that of the dirty users too.
    private async Task StayDirtyAsync(int listsOnly, ClusterRun run)
    {
        var (slots, redis) = (await cluster.SlotsOfAsync(listsOnly), cluster.Connection.GetDatabase());
        await run.ProduceUntilAsync("a user stays dirty", async () => (await redis.HashKeysAsync(run.Keys.Dirty(run.Partition(0))))
            .Any(user => slots.Contains(cluster.Connection.GetHashSlot(run.Keys.List(user!)))));
        await run.ReachedAsync();
    }

    private async Task MoveStatesAsync(int from, int to, ClusterRun run)
    {
        var meta = run.Keys.Meta(run.Partition(0));
        await using var move = new SlotMove(cluster, cluster.Connection.GetHashSlot(meta), from, to);
        await RedirectedAsync("TRYAGAIN", States, from, run, async () =>
        {
            await move.OpenAsync();
            await move.MoveAsync(meta!);
        });
        await RedirectedAsync("ASK", States, from, run, move.MoveRestAsync);
        // The slot is still the old master's, which has no key of it: what is worked now is worked by way of ASK.
        await run.ReachedAsync();
        Assert.Equal(from, await run.StatesAsync(0));
        await RedirectedAsync("MOVED", States, from, run, move.CloseAsync);
        await run.ReachedAsync();
        Assert.Equal(to, await run.StatesAsync(0));
    }

    private async Task MoveListAsync(int from, int to, ClusterRun run)
    {
        var list = await run.ListOnAsync(from);
        await using var move = new SlotMove(cluster, cluster.Connection.GetHashSlot(list), from, to);
        await RedirectedAsync("ASK", Lists, from, run, async () =>
        {
            await move.OpenAsync();
            await move.MoveRestAsync();
        });
        await move.CloseAsync();
        await cluster.TakenOverAsync(list, from);
        Assert.Equal(to, await cluster.MasterOfAsync(list));
    }

    // Under load: does something, and goes on until a node has answered the worker's scripts so.
    private async Task RedirectedAsync(string answer, string scripts, int node, ClusterRun run, Func<Task> act)
    {
        var (errors, refused) = (await RedisCluster.ErrorsAsync(node, answer), await RedisCluster.RefusedAsync(node, scripts));
        run.Traffic.Produce(100);
        await act();
        await run.ProduceUntilAsync($"node {node} answers {answer} to {scripts}", async () =>
            await RedisCluster.ErrorsAsync(node, answer) > errors && await RedisCluster.RefusedAsync(node, scripts) > refused);
        output.WriteLine(
            $"node {node}: {await RedisCluster.ErrorsAsync(node, answer) - errors} times {answer}; {await RedisCluster.RefusedAsync(node, scripts) - refused} {scripts} refused");
    }

    private async Task HoldsAsync(ClusterRun run)
    {
        await run.ReachedAsync();
        await run.CleanAsync();
        await run.CheckAsync();
        output.WriteLine($"{run.Traffic.Produced} events of {run.Traffic.Users.Count} users");
        Assert.Equal(0, await run.Worker.StopAsync());
    }
}
