using StackExchange.Redis;
using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>
/// Knows what was withdrawn from the catalogue, as of a second ago at most. Safe for any number of threads.
/// </summary>
internal sealed class WithdrawnReader(RedisGets gets, RedisKey key, TimeProvider time)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(1);

    private volatile Known? _known;

    /// <summary>Asks again where what is known is too old.</summary>
    public async Task RefreshAsync(ReadLimit limit, CancellationToken cancel)
    {
        var known = _known;
        if (known is not null && time.GetElapsedTime(known.At) < s_kept)
        {
            return;
        }
        var got = await gets.GetAsync(key, limit, cancel).ConfigureAwait(false);
        // Where Redis does not say, or a user may not read it, what it said last goes on to hold.
        _known = new Known(got.Reason == ListReason.None ? Parse(got.Value) : known?.Items, time.GetTimestamp());
    }

    /// <summary>The list without what was withdrawn since it was written, as far as is known.</summary>
    public PublishedList Filter(PublishedList list) => _known?.Items?.Without(list) ?? list;

    private static WithdrawnItems? Parse(RedisValue value) =>
        value.IsNull ? null : WithdrawnItems.Parse(((ReadOnlyMemory<byte>)value).Span);

    private sealed record Known(WithdrawnItems? Items, long At);
}
