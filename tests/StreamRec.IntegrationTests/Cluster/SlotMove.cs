namespace StreamRec.IntegrationTests.Cluster;

/// <summary>
/// Moves a slot from one master to another, step by step, as `redis-cli --cluster reshard` does. Between the steps the
/// slot is open: its master answers ASK where all keys of a call have left, and TRYAGAIN where some have.
/// </summary>
internal sealed class SlotMove(RedisCluster cluster, int slot, int from, int to) : IAsyncDisposable
{
    private const string TimeoutMs = "5000";

    private bool _open;

    public async Task OpenAsync()
    {
        _open = true;
        await RedisCluster.OkAsync(to, "CLUSTER", "SETSLOT", $"{slot}", "IMPORTING", await IdAsync(from));
        await RedisCluster.OkAsync(from, "CLUSTER", "SETSLOT", $"{slot}", "MIGRATING", await IdAsync(to));
    }

    public Task MoveAsync(params string[] keys) =>
        RedisCluster.OkAsync(from, ["MIGRATE", "127.0.0.1", $"{to}", "", "0", TimeoutMs, "KEYS", .. keys]);

    public async Task MoveRestAsync()
    {
        while (await KeysAsync() is { Length: > 0 } keys)
        {
            await MoveAsync(keys);
        }
    }

    /// <summary>The slot is the other master's: the former one answers MOVED.</summary>
    public async Task CloseAsync()
    {
        // The new master first: else none would own the slot for a moment.
        foreach (var master in (int[])[to, from, .. (await cluster.MastersAsync()).Except([to, from])])
        {
            await RedisCluster.OkAsync(master, "CLUSTER", "SETSLOT", $"{slot}", "NODE", await IdAsync(to));
        }
        _open = false;
    }

    /// <summary>A move that failed leaves no slot open for the tests that follow.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_open)
        {
            await RedisCluster.OkAsync(from, "CLUSTER", "SETSLOT", $"{slot}", "STABLE");
            await RedisCluster.OkAsync(to, "CLUSTER", "SETSLOT", $"{slot}", "STABLE");
        }
    }

    private async Task<string[]> KeysAsync() =>
        (await RedisCluster.CliAsync(from, "CLUSTER", "GETKEYSINSLOT", $"{slot}", "10")).Split(
            '\n',
            StringSplitOptions.RemoveEmptyEntries
        );

    private static Task<string> IdAsync(int port) => RedisCluster.CliAsync(port, "CLUSTER", "MYID");
}
