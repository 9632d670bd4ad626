using StreamRec.Redis.Store;

namespace StreamRec.Redis.Lists;

/// <summary>
/// The scripts that lists on shards of their own take, as Lua: see docs/delivery.md, "Redis Cluster".
/// </summary>
internal static class ClusterScripts
{
    /// <summary>
    /// As <see cref="StoreScripts.Step"/>, but lists are not written: their users become dirty. KEYS: meta, dirty, then
    /// a state for each user. ARGV: claim, claim id, from, to, epoch, TTL of a state (ms), seq, the promotion of its
    /// lists, then for each user the state, the user and its version ('' = no list).
    /// </summary>
    public const string Step = """
        local meta = redis.call('HMGET', KEYS[1], 'claim', 'claim_id', 'next', 'seq', 'promotion')
        if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] then return {'FENCED'} end
        local seq = meta[4] or '0'
        if meta[3] ~= ARGV[3] or seq ~= ARGV[7] then return {'CONFLICT', meta[3], seq} end
        if #KEYS == 2 and ARGV[3] == ARGV[4] then
          redis.call('HSET', KEYS[1], 'next', ARGV[3])
          return {'OK', seq, meta[5] or '0'}
        end
        if #KEYS > 2 and tonumber(ARGV[8]) < tonumber(meta[5] or '0') then return {'OUTDATED', meta[5]} end
        for i = 3, #KEYS do
          local at = 3 * i
          redis.call('SET', KEYS[i], ARGV[at], 'PX', ARGV[6])
          if ARGV[at + 2] ~= '' then redis.call('HSET', KEYS[2], ARGV[at + 1], ARGV[at + 2]) end
        end
        seq = string.format('%.0f', seq + 1)
        redis.call('HSET', KEYS[1], 'next', ARGV[4], 'epoch', ARGV[5], 'seq', seq)
        return {'OK', seq}
        """;

    /// <summary>
    /// KEYS: meta, dirty, states… ARGV: the user of each state. Answers {next, seq, then a version and a state for
    /// each user}; false for what is not there.
    /// </summary>
    public const string ReadDirty = """
        local meta = redis.call('HMGET', KEYS[1], 'next', 'seq')
        local answer = {meta[1], meta[2] or '0'}
        for i = 3, #KEYS do
          answer[2 * i - 3] = redis.call('HGET', KEYS[2], ARGV[i - 2])
          answer[2 * i - 2] = redis.call('GET', KEYS[i])
        end
        return answer
        """;

    /// <summary>
    /// KEYS: meta, dirty. ARGV: claim, claim id, the promotion of the lists, then a user and the version that was
    /// published for each. Answers 1, 0 where another claim holds the partition, or 2 where meta's promotion is larger:
    /// lists of before the seal may have come after it, so those users stay dirty for the newer model.
    /// </summary>
    public const string ClearDirty = """
        local meta = redis.call('HMGET', KEYS[1], 'claim', 'claim_id', 'promotion')
        if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] then return 0 end
        if tonumber(ARGV[3]) < tonumber(meta[3] or '0') then return 2 end
        for i = 4, #ARGV, 2 do
          if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[2], ARGV[i]) end
        end
        return 1
        """;

    /// <summary>
    /// KEYS: a list. ARGV: generation, epoch, offset, promotion, claim, the list. Answers 1 if it was written, 0 if a
    /// newer one is there: that one is written again, so that a WAIT behind this script covers it too.
    /// </summary>
    public const string Publish = """
        local there = redis.call('GET', KEYS[1])
        if there then
          local through
          local at = string.find(there, '"through":{', 1, true)
          if at then
            local generation, epoch, offset, rest = string.match(there,
              '^"through":{"topic_uuid":"[^"]*","partition":%d+,"generation":(%d+),'
                .. '"epoch":(%-?%d+),"offset":(%d+),([^}]*)}',
              at)
            local promotion, claim = string.match(rest or '', '^"promotion":(%d+),"claim":(%d+)$')
            claim = claim or string.match(rest or '', '^"claim":(%d+)$')
            through = claim and {generation, epoch, offset, promotion or '0', claim}
          end
          if not through then
            local ok, list = pcall(cjson.decode, there)
            local t = ok and type(list) == 'table' and list.through
            through = type(t) == 'table' and {t.generation, t.epoch, t.offset, t.promotion or 0, t.claim} or {}
          end
          for i = 1, 5 do
            local mine, its = tonumber(ARGV[i]), tonumber(through[i])
            if its and its > mine then
              redis.call('SET', KEYS[1], there)
              return 0
            end
            if its ~= mine then break end
          end
        end
        redis.call('SET', KEYS[1], ARGV[6])
        return 1
        """;
}
