using StackExchange.Redis;
using StreamRec.Lists;

namespace StreamRec.Redis.Lists;

/// <summary>
/// Writes the lists for users of whom only segments are known. One that a later bundle lacks stays, and readers pass it
/// over: it is not of the popular list's model.
/// </summary>
internal static class SegmentKeys
{
    public static Task WriteAsync(IDatabase redis, StoreKeys keys, IReadOnlyList<SegmentList> segments) =>
        Task.WhenAll(segments.Select(one => redis.StringSetAsync(keys.PopularOf(one.Segment), one.List)));
}
