using StackExchange.Redis;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Store;

namespace StreamRec.Redis.Recovery;

/// <summary>
/// Rebuilds meta and drops states. From <see cref="BeginAsync"/> to <see cref="EndAsync"/> no worker can write to the
/// partition or claim it; a recovery that dies in between is repeated whole.
/// </summary>
/// <param name="writes">On Redis Cluster: the writes of this recovery, begun before it; null: all keys fail over
/// together.</param>
internal sealed class PartitionRecovery(IDatabase redis, StoreKeys keys, ShardWrites? writes = null)
{
    private const int KeysAtOnce = 500;

    private readonly string _id = $"recovery-{Guid.NewGuid():N}";

    /// <summary>Tells now and then with how many users it is done.</summary>
    public event Action<long>? Gone;

    /// <summary>
    /// Takes the partition. Returns the generation: one more than before; without meta, whose lists may still be there,
    /// the time in seconds, which is more than any count.
    /// </summary>
    public async Task<long> BeginAsync(PartitionIdentity partition) =>
        (long)
            await redis.ScriptEvaluateAsync(
                StoreScripts.BeginRecovery,
                [keys.Meta(partition)],
                [partition.Group, partition.TopicUuid, partition.PartitionCount, _id]
            );

    /// <summary>
    /// Drops all states of a topic's partitions and, before, if asked, the lists of those users: whose state is gone is
    /// not found again. Returns how many states.
    /// </summary>
    /// <param name="partitions">Those to drop; null for all, also ones that the topic no longer has.</param>
    public async Task<long> DropStatesAsync(
        string topic,
        IReadOnlySet<int>? partitions,
        bool lists,
        CancellationToken cancel
    )
    {
        if (lists)
        {
            await EachStateAsync(topic, partitions, (_, _, user) => redis.KeyDeleteAsync(keys.List(user)), cancel);
            await ReplicatedAsync();
        }
        var states = await EachStateAsync(topic, partitions, (key, _, _) => redis.KeyDeleteAsync(key), cancel);
        await ReplicatedAsync();
        return states;
    }

    /// <summary>
    /// On Redis Cluster, where states are kept: marks every user that has one as dirty, so that the worker publishes
    /// all lists again under the new generation. One that was ahead of its state would else stand for good. Returns how
    /// many users.
    /// </summary>
    /// <inheritdoc cref="DropStatesAsync" path="/param"/>
    public async Task<long> MarkDirtyAsync(string topic, IReadOnlySet<int>? partitions, CancellationToken cancel)
    {
        var users = await EachStateAsync(
            topic,
            partitions,
            (_, partition, user) =>
                redis.HashSetAsync(keys.Dirty(topic, partition), user, ClusterLists.Text(new StateVersion(-1, -1))),
            cancel
        );
        await ReplicatedAsync();
        return users;
    }

    private async Task<long> EachStateAsync(
        string topic,
        IReadOnlySet<int>? partitions,
        Func<RedisKey, int, string, Task> act,
        CancellationToken cancel
    )
    {
        long count = 0;
        await foreach (var chunk in Scan(keys.StatesOf(topic)).Chunk(KeysAtOnce).WithCancellation(cancel))
        {
            var acts = new List<Task>();
            foreach (var key in chunk)
            {
                var (partition, user) = keys.ReadState(topic, key!);
                if (partitions?.Contains(partition) != false)
                {
                    acts.Add(act(key, partition, user));
                    count++;
                }
            }
            await Task.WhenAll(acts);
            Gone?.Invoke(count);
        }
        return count;
    }

    /// <summary>On Redis Cluster, waits until no failover of a shard takes back what was done so far.</summary>
    public Task ReplicatedAsync() => writes?.ReplicatedAsync() ?? Task.CompletedTask;

    public async Task EndAsync(PartitionIdentity partition, LogPosition next)
    {
        if (
            !(bool)
                await redis.ScriptEvaluateAsync(
                    StoreScripts.EndRecovery,
                    [keys.Meta(partition)],
                    [_id, next.Offset, next.Epoch]
                )
        )
        {
            throw new StreamRecException(
                $"Partition {partition.Partition} was taken by another recovery meanwhile: "
                    + "let that one end, or run this again.",
                FaultKind.Halted
            );
        }
    }

    private async IAsyncEnumerable<RedisKey> Scan(RedisValue pattern)
    {
        foreach (var server in await RedisConnection.MastersAsync(redis.Multiplexer))
        {
            await foreach (var key in server.KeysAsync(redis.Database, pattern, KeysAtOnce))
            {
                yield return key;
            }
        }
    }
}
