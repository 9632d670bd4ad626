namespace StreamRec.Ranking.Caps;

/// <summary>
/// Walks candidates from the best on and passes over those of a group that has its number of places already. Who was
/// passed over stands behind the capped places, as it lay. One thread at a time; allocates nothing once it has seen as
/// many candidates and groups.
/// </summary>
internal sealed class CapWalk(ListCap cap)
{
    // By group, the places that it has; by candidate, whether it was taken.
    private int[] _counts = [];
    private bool[] _isTaken = [];
    private int[] _items = [];
    private float[] _scores = [];

    /// <summary>What it begins with for a list of N: enough, as a rule.</summary>
    public int CandidatesFor(int places) => Math.Max(places, 2 * Math.Min(places, cap.Places));

    /// <summary>Leaves the list at the beginning of the candidates.</summary>
    /// <param name="items">Candidates, best first.</param>
    /// <param name="scores">As many.</param>
    /// <param name="places">N.</param>
    /// <param name="all">There are no others. Where the groups leave too few, those passed over fill the list.</param>
    /// <returns>False: it hangs on candidates that are not here, and these are left as they were.</returns>
    public bool TryChoose(ItemGroups groups, Span<int> items, Span<float> scores, int places, bool all)
    {
        var capped = Math.Min(cap.Places, places);
        if (_isTaken.Length < items.Length)
        {
            _isTaken = new bool[items.Length];
        }
        var (taken, walked, full) = (0, 0, 0);
        for (; walked < items.Length && taken < capped; walked++)
        {
            _isTaken[walked] = Fits(groups.Of(items[walked]));
            if (_isTaken[walked])
            {
                full += Count(groups.Of(items[walked]), 1);
                taken++;
            }
        }
        for (var at = 0; at < walked; at++)
        {
            if (_isTaken[at])
            {
                Count(groups.Of(items[at]), -1);
            }
        }
        // Where no group has a place left, whatever else there is would be passed over too, and stand behind these.
        var isSettled = full == groups.Count && !groups.HasFree && items.Length >= places;
        if (taken < capped && !all && !isSettled)
        {
            return false;
        }
        // Behind what was walked all lies as it is to.
        if (taken < walked)
        {
            Order(items[..walked], scores[..walked]);
        }
        return true;
    }

    private bool Fits(ReadOnlySpan<int> groups)
    {
        foreach (var group in groups)
        {
            if (group < _counts.Length && _counts[group] >= cap.Most)
            {
                return false;
            }
        }
        return true;
    }

    // Returns how many of them are full by it.
    private int Count(ReadOnlySpan<int> groups, int more)
    {
        var full = 0;
        foreach (var group in groups)
        {
            if (group >= _counts.Length)
            {
                Array.Resize(ref _counts, Math.Max(group + 1, 2 * _counts.Length));
            }
            _counts[group] += more;
            full += _counts[group] == cap.Most ? 1 : 0;
        }
        return full;
    }

    // What was taken, and then what was passed over, each as it lay.
    private void Order(Span<int> items, Span<float> scores)
    {
        if (_items.Length < items.Length)
        {
            (_items, _scores) = (new int[items.Length], new float[items.Length]);
        }
        var (front, rest) = (0, 0);
        for (var at = 0; at < items.Length; at++)
        {
            if (_isTaken[at])
            {
                (items[front], scores[front]) = (items[at], scores[at]);
                front++;
            }
            else
            {
                (_items[rest], _scores[rest]) = (items[at], scores[at]);
                rest++;
            }
        }
        _items.AsSpan(0, rest).CopyTo(items[front..]);
        _scores.AsSpan(0, rest).CopyTo(scores[front..]);
    }
}
