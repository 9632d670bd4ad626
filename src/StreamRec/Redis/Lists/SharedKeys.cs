using StackExchange.Redis;
using StreamRec.Lists;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Lists;

/// <summary>
/// Writes what is no user's own: the popular lists, and which items readers are to leave out of lists that are there.
/// Every worker writes both when it starts, and each time that its catalogue says something else.
/// </summary>
/// <remarks>
/// Workers read the catalogue at their own pace: what names a version never gives way to an older one. Lists of a
/// segment that a later bundle lacks stay, and readers pass them over: they are not of the popular list's model.
/// </remarks>
internal sealed class SharedKeys(IDatabase redis, StoreKeys keys)
{
    // KEYS: one of them. ARGV: what to write, and the version of the catalogue: the topic's id ('' = none), the offset.
    // In a text of JSON no name stands like this: its quotes would be escaped.
    private const string Script = """
        local there = redis.call('GET', KEYS[1])
        if there then
          local topic, offset = string.match(there, '"catalogue":{"topic_uuid":"([^"]*)","offset":(%d+)}')
          if topic == ARGV[2] and tonumber(offset) > tonumber(ARGV[3]) then return 0 end
        end
        redis.call('SET', KEYS[1], ARGV[1])
        return 1
        """;

    public Task WriteAsync(PopularLists popular) =>
        Task.WhenAll(
            popular
                .Segments.Select(one => WriteAsync(keys.PopularOf(one.Segment), one.List, popular.Catalogue))
                .Append(WriteAsync(keys.Popular, popular.All, popular.Catalogue))
        );

    /// <returns>Whether Redis answered.</returns>
    public async Task<bool> TryWriteAsync(WithdrawnItems withdrawn, PopularLists popular, CancellationToken cancel)
    {
        try
        {
            await Task.WhenAll(WriteAsync(keys.Withdrawn, withdrawn.ToJson(), withdrawn.Catalogue), WriteAsync(popular))
                .WaitAsync(cancel);
            return true;
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return false;
        }
    }

    private Task WriteAsync(RedisKey key, RedisValue value, CatalogueVersion? version) =>
        redis.ScriptEvaluateAsync(Script, [key], [value, version?.TopicUuid ?? "", version?.Offset ?? 0]);
}
