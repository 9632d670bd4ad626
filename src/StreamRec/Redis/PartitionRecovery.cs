using StackExchange.Redis;
using StreamRec.Pipeline;

namespace StreamRec.Redis;

/// <summary>What meta held when a recovery began.</summary>
/// <param name="Generation">The recovery's own, one above the one before.</param>
/// <param name="Next">The next offset; -1 where there was no meta.</param>
internal readonly record struct RecoveredMeta(long Generation, long Next, int Epoch);

/// <summary>
/// Rebuilds meta and drops states. From <see cref="BeginAsync"/> to <see cref="EndAsync"/> no worker can write to the
/// partition or claim it; a recovery that dies in between is repeated whole.
/// </summary>
internal sealed class PartitionRecovery(IDatabase redis, StoreKeys keys)
{
    private const int KeysAtOnce = 500;

    private readonly string _id = $"recovery-{Guid.NewGuid():N}";

    public async Task<RecoveredMeta> BeginAsync(PartitionIdentity partition)
    {
        var answer = (RedisResult[])(await redis.ScriptEvaluateAsync(StoreScripts.BeginRecovery, [keys.Meta(partition)],
            [partition.Group, partition.TopicUuid, partition.PartitionCount, _id]))!;
        return new((long)answer[0], (long)answer[1], (int)answer[2]);
    }

    /// <summary>Drops all states of a topic's partitions and, if asked, the lists of those users. Returns how many states.</summary>
    /// <param name="partitions">Those to drop; null for all, also ones that the topic no longer has.</param>
    public async Task<long> DropStatesAsync(string topic, IReadOnlySet<int>? partitions, bool lists, CancellationToken cancel)
    {
        long dropped = 0;
        await foreach (var chunk in Scan(keys.StatesOf(topic)).Chunk(KeysAtOnce).WithCancellation(cancel))
        {
            foreach (var key in chunk)
            {
                var (partition, user) = keys.ReadState(topic, key!);
                if (partitions?.Contains(partition) == false)
                {
                    continue;
                }
                await redis.KeyDeleteAsync(key);
                dropped++;
                if (lists)
                {
                    await redis.KeyDeleteAsync(keys.List(user));
                }
            }
        }
        return dropped;
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
        foreach (var server in redis.Multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(redis.Database, pattern, KeysAtOnce))
            {
                yield return key;
            }
        }
    }
}
