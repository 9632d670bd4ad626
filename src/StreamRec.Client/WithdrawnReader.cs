using StackExchange.Redis;
using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>
/// Knows what was withdrawn from the catalogue, as of a second ago at most. Asks only for lists that name a catalogue.
/// Safe for any number of threads.
/// </summary>
internal sealed class WithdrawnReader(IDatabase database, string key, TimeProvider time)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(1);

    private volatile Known? _known;

    /// <summary>The list without what was withdrawn since it was written.</summary>
    public async Task<PublishedList?> FilterAsync(PublishedList? list, CancellationToken cancel)
    {
        if (list?.Catalogue is null)
        {
            return list;
        }
        var known = _known;
        if (known is null || time.GetElapsedTime(known.At) >= s_kept)
        {
            // Several that ask at once all have the newest.
            _known = known = new Known(await ReadAsync(cancel).ConfigureAwait(false), time.GetTimestamp());
        }
        return known.Items is null ? list : known.Items.Without(list);
    }

    private async Task<WithdrawnItems?> ReadAsync(CancellationToken cancel)
    {
        try
        {
            var value = await database.StringGetAsync(key).WaitAsync(cancel).ConfigureAwait(false);
            return value.IsNull ? null : WithdrawnItems.Parse(((ReadOnlyMemory<byte>)value).Span);
        }
        catch (RedisServerException)
        {
            // A user without the right to read this key still reads lists, as before there was one.
            return null;
        }
    }

    private sealed record Known(WithdrawnItems? Items, long At);
}
