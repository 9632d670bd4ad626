using StreamRec.Events;

namespace StreamRec.Training.Data;

/// <summary>Users' segments: those of the newest of a user's events that names any, by (time, event id).</summary>
internal sealed class UserSegments
{
    private readonly Dictionary<int, (long TimeMs, string EventId, string[] Segments)> _newest = [];

    // A text that many users share is kept once.
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    public void Add(int user, in ClickEvent click)
    {
        if (
            click.Segments is not { Count: > 0 } segments
            || (
                _newest.TryGetValue(user, out var known)
                && (
                    known.TimeMs > click.TimeMs
                    || (known.TimeMs == click.TimeMs && string.CompareOrdinal(known.EventId, click.EventId) >= 0)
                )
            )
        )
        {
            return;
        }
        _newest[user] = (click.TimeMs, click.EventId, [.. segments.Distinct(StringComparer.Ordinal).Select(Shared)]);
    }

    public IReadOnlyList<string> Of(int user) => _newest.TryGetValue(user, out var known) ? known.Segments : [];

    private string Shared(string text)
    {
        if (_texts.TryGetValue(text, out var same))
        {
            return same;
        }
        _texts.Add(text, text);
        return text;
    }
}
