namespace StreamRec.Registry.Pointers;

/// <summary>The atomic steps of the pointer, as Lua. Keys and fields are described in schemas/redis-keys.md.</summary>
internal static class PointerScripts
{
    /// <summary>
    /// KEYS: live, history, staged. ARGV: the promotion that must be there ('0' = none), digest, model id, by whom,
    /// why, the history's entry behind its number and time. Answers {'OK', promotion, time} or {'MOVED', promotion,
    /// digest, model id, by whom}. The number is max(old + 1, Redis's time in ms), so that a failover gives none
    /// twice.
    /// </summary>
    public const string Promote = """
        local there = redis.call('HMGET', KEYS[1], 'promotion', 'digest', 'model', 'by')
        local before = there[1] or '0'
        if before ~= ARGV[1] then
          return {'MOVED', before, there[2] or '', there[3] or '', there[4] or ''}
        end
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        local promotion = string.format('%.0f', math.max(tonumber(before) + 1, now))
        local at = string.format('%.0f', now)
        redis.call('HSET', KEYS[1], 'promotion', promotion, 'digest', ARGV[2], 'model', ARGV[3], 'by', ARGV[4],
          'at', at, 'why', ARGV[5])
        redis.call('RPUSH', KEYS[2], '{"promotion":' .. promotion .. ',"at":' .. at .. ARGV[6])
        redis.call('LTRIM', KEYS[2], -1000, -1)
        if redis.call('HGET', KEYS[3], 'digest') == ARGV[2] then redis.call('DEL', KEYS[3]) end
        return {'OK', promotion, at}
        """;

    /// <summary>
    /// KEYS: live. ARGV: the promotion that must be there ('0' = none), then promotion, digest, model id, by whom, when
    /// and why of a later one that this shard has lost. Answers 1 where it was written.
    /// </summary>
    public const string Restore = """
        if (redis.call('HGET', KEYS[1], 'promotion') or '0') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'promotion', ARGV[2], 'digest', ARGV[3], 'model', ARGV[4], 'by', ARGV[5],
          'at', ARGV[6], 'why', ARGV[7])
        return 1
        """;

    /// <summary>KEYS: staged. ARGV: digest, model id, by whom. Answers the time.</summary>
    public const string Stage = """
        local time = redis.call('TIME')
        local at = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
        redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'model', ARGV[2], 'by', ARGV[3], 'at', at)
        return at
        """;
}
