using StackExchange.Redis;

namespace StreamRec.DeadLetters;

/// <summary>
/// Which records' letters were replayed, in Redis: so that a second replay publishes none of them again. Holds no more
/// than the dead-letter topic does.
/// </summary>
internal sealed class ReplayMemory
{
    private readonly IDatabase _redis;
    private readonly RedisKey _key;
    private readonly HashSet<string> _known;
    private readonly HashSet<string> _met = [];

    private ReplayMemory(IDatabase redis, RedisKey key, HashSet<string> known) =>
        (_redis, _key, _known) = (redis, key, known);

    public static async Task<ReplayMemory> OpenAsync(IDatabase redis, RedisKey key)
    {
        var known = new HashSet<string>();
        await foreach (var member in redis.SetScanAsync(key, pageSize: 1000))
        {
            known.Add((string)member!);
        }
        return new(redis, key, known);
    }

    /// <summary>Whether it was replayed before; from now on it counts as met.</summary>
    public bool Knows(LetterSource source)
    {
        _met.Add(source.Identity);
        return _known.Contains(source.Identity);
    }

    /// <summary>
    /// Only once Kafka has acknowledged them: what is repeated after a crash in between is a duplicate.
    /// </summary>
    public async Task AddAsync(IReadOnlyCollection<LetterSource> sources)
    {
        if (sources.Count > 0)
        {
            await _redis.SetAddAsync(_key, [.. sources.Select(source => (RedisValue)source.Identity)]);
            _known.UnionWith(sources.Select(source => source.Identity));
        }
    }

    /// <summary>Forgets what the dead-letter topic, of which all was met, no longer holds.</summary>
    public async Task ForgetOthersAsync()
    {
        var gone = _known.Except(_met).Select(identity => (RedisValue)identity).ToArray();
        if (gone.Length > 0)
        {
            await _redis.SetRemoveAsync(_key, gone);
        }
    }
}
