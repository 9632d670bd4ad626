using StackExchange.Redis;
using Xunit.Abstractions;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>
/// The worker across a real Redis Cluster whose nodes all live, and answer its scripts with MOVED, ASK and TRYAGAIN
/// under load. Nobody else runs scripts there, so that the nodes' own counts tell that it was the worker's.
/// </summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterRedirectTests(RedisCluster cluster, ITestOutputHelper output)
{
    // How the worker sends its scripts: those of states by their hash, those of lists by their text.
    private const string States = "evalsha",
        Lists = "eval";

    [KafkaClusterFact]
    public async Task States_and_lists_survive_masters_that_hand_over()
    {
        await using var run = await ClusterRun.StartAsync(cluster, "handed");
        await run.ReachedAsync();
        var listsOnly = await run.ListsOnlyAsync();
        var meta = run.Keys.Meta(run.Partition(0));
        // The client may hear of the new master before it asks the old one: then the shard hands over again.
        var moved = false;
        for (var tries = 0; tries < 5 && !moved; tries++)
        {
            moved = await HandOverAsync(await run.StatesAsync(0), meta, run);
        }
        Assert.True(moved, "No master that handed over was asked again.");
        // Lists go to masters that the worker looks up, seldom to one that was.
        await HandOverAsync(listsOnly, await run.ListOnAsync(listsOnly), run);

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

    // Returns whether the worker's steps were redirected.
    private async Task<bool> HandOverAsync(int master, RedisKey key, ClusterRun run)
    {
        var before = await CountsAsync("MOVED", States, master);
        run.Traffic.Produce(100);
        await cluster.HandOverAsync(master);
        await run.ProduceUntilAsync(
            $"another master than {master} has {key}",
            async () => await cluster.MasterOfAsync(key) is var now && now != master && now > 0
        );
        await cluster.TakenOverAsync(key, master);
        await run.ReachedAsync();
        await cluster.HealthyAsync();
        return await RoseAsync("MOVED", States, master, before);
    }

    // Lists that no replica has, for it is paused, keep some users of partition 0 dirty. While a slot is open, a step
    // needs all its keys to be there, that of the dirty users too.
    private async Task StayDirtyAsync(int listsOnly, ClusterRun run)
    {
        var (slots, redis) = (await cluster.SlotsOfAsync(listsOnly), cluster.Connection.GetDatabase());
        await run.ProduceUntilAsync(
            "a user stays dirty",
            async () =>
                (await redis.HashKeysAsync(run.Keys.Dirty(run.Partition(0)))).Any(user =>
                    slots.Contains(cluster.Connection.GetHashSlot(run.Keys.List(user!)))
                )
        );
        await run.ReachedAsync();
    }

    private async Task MoveStatesAsync(int from, int to, ClusterRun run)
    {
        var meta = run.Keys.Meta(run.Partition(0));
        await using var move = new SlotMove(cluster, cluster.Connection.GetHashSlot(meta), from, to);
        await RedirectedAsync(
            "TRYAGAIN",
            States,
            from,
            run,
            async () =>
            {
                await move.OpenAsync();
                await move.MoveAsync(meta!);
            }
        );
        await RedirectedAsync("ASK", States, from, run, move.MoveRestAsync);
        // The slot is still the old master's, which has no key of it: what is worked now is worked by way of ASK.
        await run.ReachedAsync();
        Assert.Equal(from, await run.StatesAsync(0));
        run.Traffic.Produce(100);
        await move.CloseAsync();
        run.Traffic.Produce(100);
        await run.ReachedAsync();
        await cluster.TakenOverAsync(meta, from);
        Assert.Equal(to, await run.StatesAsync(0));
    }

    private async Task MoveListAsync(int from, int to, ClusterRun run)
    {
        var list = await run.ListOnAsync(from);
        await using var move = new SlotMove(cluster, cluster.Connection.GetHashSlot(list), from, to);
        await RedirectedAsync(
            "ASK",
            Lists,
            from,
            run,
            async () =>
            {
                await move.OpenAsync();
                await move.MoveRestAsync();
            }
        );
        await move.CloseAsync();
        await cluster.TakenOverAsync(list, from);
        Assert.Equal(to, await cluster.MasterOfAsync(list));
    }

    // Under load: does something, and goes on until a node has answered the worker's scripts so.
    private async Task RedirectedAsync(string answer, string scripts, int node, ClusterRun run, Func<Task> act)
    {
        var before = await CountsAsync(answer, scripts, node);
        run.Traffic.Produce(100);
        await act();
        await run.ProduceUntilAsync(
            $"node {node} answers {answer} to {scripts}",
            () => RoseAsync(answer, scripts, node, before)
        );
        output.WriteLine($"node {node} answered {answer} to {scripts}");
    }

    private async Task<bool> RoseAsync(string answer, string scripts, int node, (long Errors, long Refused) before)
    {
        var now = await CountsAsync(answer, scripts, node);
        return now.Errors > before.Errors && now.Refused > before.Refused;
    }

    private static async Task<(long Errors, long Refused)> CountsAsync(string answer, string scripts, int node) =>
        (await RedisCluster.ErrorsAsync(node, answer), await RedisCluster.RefusedAsync(node, scripts));

    private async Task HoldsAsync(ClusterRun run)
    {
        await run.ReachedAsync();
        await run.CleanAsync();
        await run.CheckAsync();
        output.WriteLine($"{run.Traffic.Produced} events of {run.Traffic.Users.Count} users");
        Assert.Equal(0, await run.Worker.StopAsync());
    }
}
