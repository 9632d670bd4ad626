namespace StreamRec.Redis.Store;

/// <summary>The atomic steps of the store, as Lua. Keys and fields are described in schemas/redis-keys.md.</summary>
internal static class StoreScripts
{
    /// <summary>
    /// KEYS: meta. ARGV: group, topic UUID, partition count, claim id, first offset ('' = not a first start), first
    /// epoch, the partitioner that the worker expects, the hash of its settings, the promotion of its model. Answers
    /// {'OK', claim, next, epoch, generation, seq}, {'NOMETA'}, {'MISMATCH', field, stored, asked} or, where meta's
    /// promotion is larger, {'OUTDATED', promotion}. Meta without settings takes those of the claim.
    /// </summary>
    public const string Claim = """
        local meta = redis.call('HMGET', KEYS[1],
          'group', 'topic_uuid', 'partitions', 'generation', 'claim', 'next', 'epoch', 'recovering', 'settings', 'seq',
          'promotion')
        if meta[8] then return {'MISMATCH', 'recovering', meta[8], ''} end
        local first, promotion = not meta[6], meta[11] or '0'
        if first then
          if ARGV[5] == '' then return {'NOMETA'} end
          meta = {ARGV[1], ARGV[2], ARGV[3], '0', '0', ARGV[5], ARGV[6]}
        end
        local names = {'group', 'topic_uuid', 'partitions'}
        for i = 1, 3 do
          if meta[i] ~= ARGV[i] then return {'MISMATCH', names[i], meta[i] or '', ARGV[i]} end
        end
        if meta[9] and meta[9] ~= ARGV[8] then return {'MISMATCH', 'settings', meta[9], ARGV[8]} end
        if tonumber(ARGV[9]) < tonumber(promotion) then return {'OUTDATED', promotion} end
        if first then
          redis.call('HSET', KEYS[1], 'group', ARGV[1], 'topic_uuid', ARGV[2], 'partitions', ARGV[3],
            'generation', '0', 'claim', '0', 'next', ARGV[5], 'epoch', ARGV[6])
        end
        if ARGV[9] ~= promotion then redis.call('HSET', KEYS[1], 'promotion', ARGV[9]) end
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        local claim = string.format('%.0f', math.max(tonumber(meta[5]) + 1, now))
        redis.call('HSET', KEYS[1], 'claim', claim, 'claim_id', ARGV[4], 'partitioner', ARGV[7],
          'settings', ARGV[8])
        return {'OK', claim, meta[6], meta[7], meta[4], meta[10] or '0'}
        """;

    /// <summary>
    /// KEYS: meta, states… Answers {next, seq, state…}; false for a state that is not there, '' for a key that is no
    /// text.
    /// </summary>
    public const string Read = """
        local meta = redis.call('HMGET', KEYS[1], 'next', 'seq')
        local answer = {meta[1], meta[2] or '0'}
        for i = 2, #KEYS do
          answer[i + 1] = redis.pcall('GET', KEYS[i])
          if type(answer[i + 1]) == 'table' then answer[i + 1] = '' end
        end
        return answer
        """;

    /// <summary>
    /// KEYS: meta, then a state and a list for each user. ARGV: claim, claim id, from, to, epoch, TTL of a state (ms),
    /// seq, the promotion of its lists, then a state and a list for each user ('' = leave the list, unless a model of
    /// an earlier promotion made it: that one is deleted, before the first write, since it may be refused; a key that
    /// is no text is left). Answers {'OK', seq}, {'FENCED'}, {'CONFLICT', next, seq} or,
    /// of users and where meta's promotion is larger, {'OUTDATED', promotion}. An idle check, which leads nowhere,
    /// writes n again, so that a store that refuses writes is noticed, leaves seq as it is, and answers {'OK', seq,
    /// promotion}.
    /// </summary>
    public const string Step = """
        local meta = redis.call('HMGET', KEYS[1], 'claim', 'claim_id', 'next', 'seq', 'promotion')
        if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] then return {'FENCED'} end
        local seq = meta[4] or '0'
        if meta[3] ~= ARGV[3] or seq ~= ARGV[7] then return {'CONFLICT', meta[3], seq} end
        if #KEYS == 1 and ARGV[3] == ARGV[4] then
          redis.call('HSET', KEYS[1], 'next', ARGV[3])
          return {'OK', seq, meta[5] or '0'}
        end
        if #KEYS > 1 and tonumber(ARGV[8]) < tonumber(meta[5] or '0') then return {'OUTDATED', meta[5]} end
        local users = (#KEYS - 1) / 2
        for i = 1, ARGV[8] ~= '0' and users or 0 do
          if ARGV[8 + 2 * i] == '' then
            local there = redis.pcall('GET', KEYS[2 * i + 1])
            if type(there) == 'table' then
              if not string.match(there.err, 'WRONGTYPE') then return there end
              there = false
            end
            local its = there and (string.match(there, '"promotion":(%d+),"claim":') or '0')
            if its and tonumber(its) < tonumber(ARGV[8]) then redis.call('DEL', KEYS[2 * i + 1]) end
          end
        end
        for i = 1, users do
          redis.call('SET', KEYS[2 * i], ARGV[7 + 2 * i], 'PX', ARGV[6])
          if ARGV[8 + 2 * i] ~= '' then redis.call('SET', KEYS[2 * i + 1], ARGV[8 + 2 * i]) end
        end
        seq = string.format('%.0f', seq + 1)
        redis.call('HSET', KEYS[1], 'next', ARGV[4], 'epoch', ARGV[5], 'seq', seq)
        return {'OK', seq}
        """;

    /// <summary>
    /// KEYS: meta. ARGV: a promotion. From here on steps and claims of a smaller one are outdated; all else stays as it
    /// is. Where there is no meta the number alone is left, for the first claim. Answers 1, or 0 where there is none.
    /// </summary>
    public const string Seal = """
        local meta = redis.call('HMGET', KEYS[1], 'promotion', 'next')
        if tonumber(ARGV[1]) > tonumber(meta[1] or '0') then redis.call('HSET', KEYS[1], 'promotion', ARGV[1]) end
        return meta[2] and 1 or 0
        """;

    /// <summary>
    /// KEYS: meta. ARGV: group, topic UUID, partition count, the recovery's id. Raises the generation and takes the
    /// claim, so that no worker writes or claims until the recovery ends; the settings become those of the claim after
    /// it. Answers the generation: Redis' time in seconds without one.
    /// </summary>
    public const string BeginRecovery = """
        local meta = redis.call('HMGET', KEYS[1], 'generation', 'claim')
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
        local claim = string.format('%.0f', math.max((tonumber(meta[2] or '0') or 0) + 1, now))
        local before = tonumber(meta[1] or '')
        local generation = string.format('%.0f', before and before + 1 or math.floor(now / 1000))
        redis.call('HSET', KEYS[1], 'group', ARGV[1], 'topic_uuid', ARGV[2], 'partitions', ARGV[3],
          'generation', generation, 'claim', claim, 'claim_id', ARGV[4], 'recovering', ARGV[4])
        redis.call('HDEL', KEYS[1], 'settings')
        return generation
        """;

    /// <summary>
    /// KEYS: meta. ARGV: the recovery's id, next, epoch. Sets the next offset and lets workers claim. Answers 1, or 0
    /// if another recovery began meanwhile.
    /// </summary>
    public const string EndRecovery = """
        if redis.call('HGET', KEYS[1], 'recovering') ~= ARGV[1] then return 0 end
        redis.call('HSET', KEYS[1], 'next', ARGV[2], 'epoch', ARGV[3])
        redis.call('HDEL', KEYS[1], 'recovering')
        return 1
        """;

    /// <summary>For fault tests alone: a step that also appends claim,from,to to a list beside meta.</summary>
    public static string Journaled(string step) =>
        step.Replace(Written, Journal + "\n" + Written, StringComparison.Ordinal);

    private const string Written = "seq = string.format('%.0f', seq + 1)";

    private const string Journal = """
        if ARGV[3] ~= ARGV[4] then
          redis.call('RPUSH', KEYS[1] .. ':journal', ARGV[1] .. ',' .. ARGV[3] .. ',' .. ARGV[4])
        end
        """;
}
