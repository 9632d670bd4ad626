using StackExchange.Redis;
using StreamRec.Pipeline;

namespace StreamRec.Redis;

/// <summary>
/// Rebuilds meta and drops states. From <see cref="BeginAsync"/> to <see cref="EndAsync"/> no worker can write to the
/// partition or claim it; a recovery that dies in between is repeated whole.
/// </summary>
internal sealed class PartitionRecovery(IDatabase redis, StoreKeys keys)
{
    private const int KeysAtOnce = 500;

    private readonly string _id = $"recovery-{Guid.NewGuid():N}";

    /// <summary>
    /// Takes the partition. Returns the generation: one more than before; without meta, whose lists may still be there, the
    /// time in seconds, which is more than any count.
    /// </summary>
    public async Task<long> BeginAsync(PartitionIdentity partition) =>
        (long)await redis.ScriptEvaluateAsync(StoreScripts.BeginRecovery, [keys.Meta(partition)],
            [partition.Group, partition.TopicUuid, partition.PartitionCount, _id]);

    /// <summary>Drops all states of a topic's partitions and, if asked, the lists of those users. Returns how many states.</summary>
    /// <param name="partitions">Those to drop; null for all, also ones that the topic no longer has.</param>
    public Task<long> DropStatesAsync(string topic, IReadOnlySet<int>? partitions, bool lists, CancellationToken cancel) =>
        EachStateAsync(topic, partitions, (key, _, user) => lists
            ? Task.WhenAll(redis.KeyDeleteAsync(key), redis.KeyDeleteAsync(keys.List(user)))
            : redis.KeyDeleteAsync(key), cancel);

    /// <summary>
    /// On Redis Cluster, where states are kept: marks every user that has one as dirty, so that the worker publishes all lists
    /// again under the new generation. One that was ahead of its state would else stand for good. Returns how many users.
    /// </summary>
    /// <inheritdoc cref="DropStatesAsync" path="/param"/>
    public Task<long> MarkDirtyAsync(string topic, IReadOnlySet<int>? partitions, CancellationToken cancel) =>
        EachStateAsync(topic, partitions, (_, partition, user) => redis.HashSetAsync(
            keys.Dirty(topic, partition), user, ClusterLists.Text(new StateVersion(-1, -1))), cancel);

    private async Task<long> EachStateAsync(
        string topic, IReadOnlySet<int>? partitions, Func<RedisKey, int, string, Task> act, CancellationToken cancel)
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
        }
        return count;
    }

    public async Task EndAsync(PartitionIdentity partition, LogPosition next)
    {
        if (!(bool)await redis.ScriptEvaluateAsync(StoreScripts.EndRecovery, [keys.Meta(partition)], [_id, next.Offset, next.Epoch]))
        {
            throw new StreamRecException(
                $"Partition {partition.Partition} was taken by another recovery meanwhile: let that one end, or run this again.", ExitCode.Halted);
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
