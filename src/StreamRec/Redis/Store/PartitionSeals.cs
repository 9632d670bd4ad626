using StackExchange.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Store;

/// <summary>
/// Seals partitions for a model: whoever works them, no list of one that was promoted before is written any more. Of
/// what that means on Redis Cluster, see docs/delivery.md.
/// </summary>
internal sealed class PartitionSeals(IDatabase redis, StoreKeys keys)
{
    /// <summary>
    /// Seals each partition for models from <paramref name="promotion"/> on; one that is sealed for a later one stays
    /// so. Sealing again changes nothing.
    /// </summary>
    /// <returns>The partitions that no worker has claimed yet: the first claim finds the seal.</returns>
    /// <exception cref="StreamRecException">Not all are known to be sealed.</exception>
    public async Task<IReadOnlyList<int>> SealAsync(
        string topic,
        IReadOnlyCollection<int> partitions,
        long promotion,
        CancellationToken cancel
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(promotion);
        var sealedOnes = partitions.Select(async partition =>
        {
            try
            {
                return (
                    Partition: partition,
                    Claimed: (bool)
                        await redis
                            .ScriptEvaluateAsync(StoreScripts.Seal, [keys.Meta(topic, partition)], [promotion])
                            .WaitAsync(cancel)
                );
            }
            catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
            {
                throw new StreamRecException(
                    $"Partition {partition} of topic '{topic}' is not known to be sealed for promotion {promotion} "
                        + $"({fault.Message}): lists of an earlier model may still be written.",
                    FaultKind.Unreachable
                );
            }
        });
        return [.. (await Task.WhenAll(sealedOnes)).Where(one => !one.Claimed).Select(one => one.Partition)];
    }
}
