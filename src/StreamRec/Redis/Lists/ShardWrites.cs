using System.Net;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Lists;

/// <summary>
/// What a client writes to the masters of a Redis Cluster from here on: it can be waited for until no failover takes it
/// back.
/// </summary>
internal sealed class ShardWrites
{
    // Below the client's own limit of 5 s.
    private const int WaitMs = 4_000;

    private readonly IConnectionMultiplexer _redis;
    private readonly int _replicas;
    private readonly Dictionary<EndPoint, string> _connections = [];

    private ShardWrites(IConnectionMultiplexer redis, int replicas) => (_redis, _replicas) = (redis, replicas);

    /// <param name="replicas">How many replicas of a shard must have a write; 0 for shards without any.</param>
    /// <exception cref="StreamRecException">A master is not reached.</exception>
    public static async Task<ShardWrites> BeginAsync(IConnectionMultiplexer redis, int replicas)
    {
        var writes = new ShardWrites(redis, replicas);
        foreach (var master in replicas == 0 ? [] : await RedisConnection.MastersAsync(redis))
        {
            writes._connections[master.EndPoint] = await master.ConnectionAsync();
            // Waits for nothing: a right that is missing is told before anything is done.
            await master.SendAsync("WAIT", 0, 1);
        }
        return writes;
    }

    /// <summary>Waits, for a bounded time, until enough replicas of every shard have what was written.</summary>
    /// <exception cref="StreamRecException">They do not have it, or it cannot be known.</exception>
    public async Task ReplicatedAsync()
    {
        if (_replicas > 0)
        {
            await Task.WhenAll((await RedisConnection.MastersAsync(_redis)).Select(ReplicatedAsync));
        }
    }

    private async Task ReplicatedAsync(IServer master)
    {
        var reached = false;
        try
        {
            reached =
                (long)await master.SendAsync("WAIT", _replicas, WaitMs) >= _replicas
                && _connections.GetValueOrDefault(master.EndPoint) == await master.ConnectionAsync();
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            // Not known to be reached.
        }
        if (!reached)
        {
            throw new StreamRecException(
                $"Redis Cluster's node {master.EndPoint} does not say that {_replicas} of its replicas have all that "
                    + "was done: a failover could undo a part of it. "
                    + "See that its replicas run (where shards have none, set ListReplicas=0), "
                    + "and run the same command again. Until it ends, "
                    + $"workers halt ({HaltReason.RecoveryUnfinished}).",
                FaultKind.Unreachable
            );
        }
    }
}
