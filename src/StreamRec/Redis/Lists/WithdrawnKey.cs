using StackExchange.Redis;
using StreamRec.Lists;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Lists;

/// <summary>
/// Writes which items readers are to leave out of lists that are there, and the popular list without them. Every worker
/// writes both, each time that its catalogue says something else; they converge with the catalogue.
/// </summary>
internal sealed class WithdrawnKey(IDatabase redis, string prefix)
{
    private readonly StoreKeys _keys = new(prefix);

    /// <returns>Whether Redis took it.</returns>
    public async Task<bool> TryWriteAsync(
        CatalogueVersion version,
        IReadOnlyList<string> items,
        byte[] popular,
        IReadOnlyList<SegmentList> segments,
        CancellationToken cancel
    )
    {
        try
        {
            var written = redis.StringSetAsync(_keys.Withdrawn, new WithdrawnItems(version, items).ToJson());
            await Task.WhenAll(
                    written,
                    redis.StringSetAsync(_keys.Popular, popular),
                    SegmentKeys.WriteAsync(redis, _keys, segments)
                )
                .WaitAsync(cancel);
            return true;
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return false;
        }
    }
}
