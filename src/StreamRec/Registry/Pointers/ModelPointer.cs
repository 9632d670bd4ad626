using System.Text.Json;
using StackExchange.Redis;
using StreamRec.Events;
using StreamRec.Redis.Connection;
using StreamRec.Registry.Stores;

namespace StreamRec.Registry.Pointers;

/// <summary>Which model is live, by a number that only grows; which is staged, and which were live before.</summary>
internal sealed class ModelPointer(IDatabase redis, ModelKeys keys, RedisSettings server)
{
    private const int MostOfHistory = 1_000;

    private static readonly RedisValue[] s_live = ["promotion", "digest", "model", "by", "at", "why"];
    private static readonly RedisValue[] s_staged = ["digest", "model", "by", "at"];
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <exception cref="StreamRecException">Redis does not answer, or refuses.</exception>
    public Task<PointerState> ReadAsync(CancellationToken cancel) =>
        AskedAsync(
            async () =>
            {
                // In this order: what is promoted in between is seen as both, and never as neither.
                var staged = redis.HashGetAsync(keys.Staged, s_staged);
                var live = redis.HashGetAsync(keys.Live, s_live);
                return new PointerState(Live(await live), Staged(await staged));
            },
            cancel
        );

    /// <summary>Those before, the newest last.</summary>
    /// <exception cref="StreamRecException">Redis does not answer, or refuses.</exception>
    public Task<IReadOnlyList<PastPromotion>> HistoryAsync(CancellationToken cancel) =>
        AskedAsync<IReadOnlyList<PastPromotion>>(
            async () => [.. (await redis.ListRangeAsync(keys.History, -MostOfHistory)).Select(Past)],
            cancel
        );

    /// <summary>Makes a model live.</summary>
    /// <param name="expected">The promotion that the caller saw; 0: none.</param>
    /// <returns>The promotion, and its time.</returns>
    /// <exception cref="StreamRecException">Another was promoted meanwhile; or Redis does not answer.</exception>
    public async Task<LivePointer> PromoteAsync(
        long expected,
        string digest,
        string model,
        string by,
        string why,
        string kind,
        CancellationToken cancel
    )
    {
        var entry = JsonSerializer.Serialize(new PastPromotion(0, 0, digest, model, by, why, kind), s_json);
        var rest = entry[entry.IndexOf(",\"digest\"", StringComparison.Ordinal)..];
        var answer = await AskedAsync(
            () =>
                redis.ScriptEvaluateAsync(
                    PointerScripts.Promote,
                    [keys.Live, keys.History, keys.Staged],
                    [expected, digest, model, by, why, rest]
                ),
            cancel
        );
        return (string?)answer[0] == "OK"
            ? new((long)answer[1], digest, model, by, (long)answer[2], why)
            : throw new StreamRecException(
                $"MOVED: promotion {(string?)answer[1]} is live now, of model '{Excerpt.Of((string?)answer[3])}', by "
                    + $"{Excerpt.Of((string?)answer[4])}, and not {expected}: somebody else promoted meanwhile. See "
                    + "`streamrec models list`, and promote again if it is still wanted.",
                FaultKind.Input
            );
    }

    /// <summary>Writes a promotion back that the store has lost.</summary>
    /// <param name="there">What it has instead; 0: nothing.</param>
    /// <returns>Whether it was still so.</returns>
    public Task<bool> RestoreAsync(long there, LivePointer known, CancellationToken cancel) =>
        AskedAsync(
            async () =>
                (long)
                    await redis.ScriptEvaluateAsync(
                        PointerScripts.Restore,
                        [keys.Live],
                        [there, known.Promotion, known.Digest, known.Model, known.By, known.AtMs, known.Why]
                    ) == 1,
            cancel
        );

    /// <returns>When, by Redis's clock: what workers say of what was asked earlier is no answer.</returns>
    public Task<long> StageAsync(string digest, string model, string by, CancellationToken cancel) =>
        AskedAsync(
            async () => (long)await redis.ScriptEvaluateAsync(PointerScripts.Stage, [keys.Staged], [digest, model, by]),
            cancel
        );

    /// <summary>Whether anything was staged.</summary>
    public Task<bool> UnstageAsync(CancellationToken cancel) =>
        AskedAsync(() => redis.KeyDeleteAsync(keys.Staged), cancel);

    private PastPromotion Past(RedisValue entry)
    {
        try
        {
            return
                JsonSerializer.Deserialize<PastPromotion>((string)entry!, s_json)
                    is { Digest: { } digest, Model: not null } past
                && BundleDigest.Is(digest)
                ? past
                : throw Broken(keys.History, Text(entry));
        }
        catch (JsonException)
        {
            throw Broken(keys.History, Text(entry));
        }
    }

    private LivePointer? Live(RedisValue[] fields) =>
        fields[0].TryParse(out long promotion) && !fields[1].IsNull
            ? new(
                promotion,
                Digest(keys.Live, fields[1]),
                Text(fields[2]),
                Text(fields[3]),
                Number(fields[4]),
                Text(fields[5])
            )
            : null;

    private StagedPointer? Staged(RedisValue[] fields) =>
        fields[0].IsNull
            ? null
            : new(Digest(keys.Staged, fields[0]), Text(fields[1]), Text(fields[2]), Number(fields[3]));

    private static string Digest(RedisKey key, RedisValue value) =>
        BundleDigest.Is(Text(value)) ? Text(value) : throw Broken(key, Text(value));

    private static StreamRecException Broken(RedisKey key, string found) =>
        new(
            $"The key {key} in Redis holds '{Excerpt.Of(found)}', which names no bundle by its digest: something else "
                + "wrote there. Delete it, and promote or stage anew.",
            FaultKind.Input
        );

    private static string Text(RedisValue value) => (string?)value ?? "";

    private static long Number(RedisValue value) => value.TryParse(out long number) ? number : 0;

    private Task<T> AskedAsync<T>(Func<Task<T>> ask, CancellationToken cancel) =>
        RedisRefusal.AskedAsync(server, ask).WaitAsync(cancel);
}
