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
    public async Task<long> DropStatesAsync(string topic, IReadOnlySet<int>? partitions, bool lists, CancellationToken cancel)
    {
        long dropped = 0;
        await foreach (var chunk in Scan(keys.StatesOf(topic)).Chunk(KeysAtOnce).WithCancellation(cancel))
        {
            var deletions = new List<Task>();
            foreach (var key in chunk)
            {
                var (partition, user) = keys.ReadState(topic, key!);
                if (partitions?.Contains(partition) == false)
                {
                    continue;
                }
                deletions.Add(redis.KeyDeleteAsync(key));
                dropped++;
                if (lists)
                {
                    deletions.Add(redis.KeyDeleteAsync(keys.List(user)));
                }
            }
            await Task.WhenAll(deletions);
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
