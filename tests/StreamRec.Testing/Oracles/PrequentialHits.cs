namespace StreamRec.Testing.Oracles;

/// <summary>
/// Before an event is applied: was its item among the first ten of the user's list, and of the running popularity's?
/// Both leave out what the user's kept events hold.
/// </summary>
internal sealed class PrequentialHits(ReferenceLists lists, int size)
{
    private const int Top = 10,
        Batch = 256;

    private readonly Dictionary<string, long> _counts = [];
    private readonly List<(int[] Input, HashSet<int> Seen, int Target)> _waiting = [];
    private int _cases,
        _model,
        _popularity;

    /// <param name="before">The user's state before the event; null for a new user.</param>
    /// <param name="judged">Whether the event counts, or is only learned from.</param>
    public void See(in DataEvent click, FoldedUser? before, bool judged)
    {
        if (judged && before is not null)
        {
            _cases++;
            _popularity += PopularHit(click.ItemId, before) ? 1 : 0;
            _waiting.Add(
                (
                    lists.Input(before),
                    [.. before.Events.Select(e => lists.IndexOf(e.ItemId))],
                    lists.IndexOf(click.ItemId)
                )
            );
            if (_waiting.Count == Batch)
            {
                Judge();
            }
        }
        _counts[click.ItemId] = _counts.GetValueOrDefault(click.ItemId) + 1;
    }

    public (double Model, double Popularity, int Cases) Rates()
    {
        Judge();
        return ((double)_model / _cases, (double)_popularity / _cases, _cases);
    }

    private void Judge()
    {
        var scores = lists.Scores([.. _waiting.Select(w => w.Input)]);
        for (var i = 0; i < _waiting.Count; i++)
        {
            var (_, seen, target) = _waiting[i];
            if (scores[i] is { } all && target > 0 && !seen.Contains(target))
            {
                var above = 0;
                for (var item = 1; item < all.Length && above < Math.Min(Top, size); item++)
                {
                    above += all[item] > all[target] && !seen.Contains(item) ? 1 : 0;
                }
                _model += above < Top ? 1 : 0;
            }
        }
        _waiting.Clear();
    }

    private bool PopularHit(string target, FoldedUser before)
    {
        var seen = before.Events.Select(e => e.ItemId).ToHashSet(StringComparer.Ordinal);
        var own = _counts.GetValueOrDefault(target);
        return own > 0 && !seen.Contains(target) && _counts.Count(c => c.Value > own && !seen.Contains(c.Key)) < Top;
    }
}
