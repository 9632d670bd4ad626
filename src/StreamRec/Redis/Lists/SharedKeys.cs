using StackExchange.Redis;
using StreamRec.Lists;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Lists;

/// <summary>
/// Writes what is no user's own: the popular lists, which items readers are to leave out of lists that are there, and
/// what is most like an item. Every worker writes the first two when it starts, each time that its catalogue says
/// something else, and when another model becomes live.
/// </summary>
/// <remarks>
/// Workers read the catalogue at their own pace, and learn of a promotion at their own: what an earlier promotion says
/// never replaces what a later one does, nor of one promotion an older version of the catalogue a newer one. Lists of a
/// segment that a later bundle lacks stay, and readers pass them over: they are not of the popular list's model.
/// </remarks>
internal sealed class SharedKeys(IDatabase redis, StoreKeys keys)
{
    // KEYS: one of them. ARGV: what to write; the version of the catalogue: the topic's id ('' = none), the offset; the
    // promotion that made the model live. In a text of JSON no name stands like this: its quotes would be escaped.
    private const string Script = """
        local there = redis.call('GET', KEYS[1])
        if there then
          local promotion = tonumber(string.match(there, '"promotion":(%d+)') or '0')
          if promotion > tonumber(ARGV[4]) then return 0 end
          local topic, offset = string.match(there, '"catalogue":{"topic_uuid":"([^"]*)","offset":(%d+)}')
          local same = promotion == tonumber(ARGV[4]) and topic == ARGV[2]
          if same and tonumber(offset) > tonumber(ARGV[3]) then return 0 end
        end
        redis.call('SET', KEYS[1], ARGV[1])
        return 1
        """;

    public Task WriteAsync(PopularLists popular) =>
        Task.WhenAll(
            popular
                .Segments.Select(one =>
                    WriteAsync(keys.PopularOf(one.Segment), one.List, popular.Catalogue, popular.Promotion)
                )
                .Append(WriteAsync(keys.Popular, popular.All, popular.Catalogue, popular.Promotion))
        );

    /// <summary>The ids that readers are told to leave out by now.</summary>
    /// <returns>Null: Redis did not answer.</returns>
    public async Task<IReadOnlyList<string>?> TryReadWithdrawnAsync(CancellationToken cancel)
    {
        try
        {
            var read = await redis.StringGetAsync(keys.Withdrawn).WaitAsync(cancel);
            return read.IsNull ? [] : WithdrawnItems.Parse(((ReadOnlyMemory<byte>)read).Span)?.Items ?? [];
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return null;
        }
    }

    /// <summary>What is most like an item.</summary>
    public Task WriteSimilarAsync(string item, byte[] list, CatalogueVersion? catalogue, long promotion) =>
        WriteAsync(keys.Similar(item), list, catalogue, promotion);

    /// <returns>Whether Redis answered.</returns>
    public async Task<bool> TryWriteAsync(WithdrawnItems withdrawn, PopularLists popular, CancellationToken cancel)
    {
        try
        {
            await Task.WhenAll(
                    WriteAsync(keys.Withdrawn, withdrawn.ToJson(), withdrawn.Catalogue, withdrawn.Promotion ?? 0),
                    WriteAsync(popular)
                )
                .WaitAsync(cancel);
            return true;
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return false;
        }
    }

    private Task WriteAsync(RedisKey key, RedisValue value, CatalogueVersion? version, long promotion) =>
        redis.ScriptEvaluateAsync(Script, [key], [value, version?.TopicUuid ?? "", version?.Offset ?? 0, promotion]);
}
