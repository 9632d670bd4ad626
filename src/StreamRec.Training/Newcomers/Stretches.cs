namespace StreamRec.Training.Newcomers;

/// <summary>
/// The newest part of the training data in stretches, so that lists made of what was before each can be held against
/// what came: of as many events each, since one stretch alone may be an odd week.
/// </summary>
public sealed class Stretches
{
    /// <summary>The share of all events that is asked.</summary>
    public const double Share = 0.4;

    /// <summary>Users who came new without whom all users are asked.</summary>
    public const int LeastNew = 30;

    private const int Most = 4;

    private readonly IReadOnlyList<ReadOnlyMemory<int>> _sequences;
    private readonly IReadOnlyList<ReadOnlyMemory<long>> _times;

    /// <param name="sequences">Item indices of each user, oldest first.</param>
    /// <param name="times">The events' times, ascending; at least as many of each user.</param>
    public Stretches(IReadOnlyList<ReadOnlyMemory<int>> sequences, IReadOnlyList<ReadOnlyMemory<long>> times)
    {
        (_sequences, _times) = (sequences, times);
        var sorted = Sorted();
        (FirstMs, LastMs) = sorted.Length == 0 ? (0, 0) : (sorted[0], sorted[^1]);
        MadeUp = sorted.Length > 1 && IsMadeUp(sorted);
        var cuts = Enumerable
            .Range(0, sorted.Length == 0 ? 0 : Most)
            .Select(at => sorted[(int)(sorted.Length * (1 - Share + (at * Share / Most)))])
            .Where(cut => cut > sorted[0])
            .Distinct()
            .ToArray();
        All = Of(sorted, cuts, newOnly: true);
        OfNew = Users >= LeastNew;
        if (!OfNew)
        {
            All = Of(sorted, cuts, newOnly: false);
        }
    }

    /// <summary>When the oldest event was.</summary>
    public long FirstMs { get; }

    /// <summary>When the newest event was.</summary>
    public long LastMs { get; }

    /// <summary>Whether the times say no more than an order: all a second apart, as `import` makes them up.</summary>
    public bool MadeUp { get; }

    /// <summary>None where all events have one time.</summary>
    public IReadOnlyList<Stretch> All { get; }

    /// <summary>Whether users are asked who came new; else there are too few, and all are.</summary>
    public bool OfNew { get; }

    /// <summary>How many users are asked.</summary>
    public int Users => All.SelectMany(stretch => stretch.Asked).DistinctBy(asked => asked.User).Count();

    /// <summary>How many users have an event since a time.</summary>
    public int UsersSince(double time) =>
        Enumerable
            .Range(0, _sequences.Count)
            .Count(user => _sequences[user].Length is > 0 and var own && _times[user].Span[own - 1] >= time);

    /// <summary>The users' events before a stretch.</summary>
    public ReadOnlyMemory<int>[] Before(Stretch stretch) =>
        [.. _sequences.Select((own, user) => own[..PlaceOf(user, stretch.CutMs)])];

    private Stretch[] Of(long[] sorted, long[] cuts, bool newOnly) =>
        [
            .. cuts.Select(
                (cut, at) =>
                {
                    var end = at + 1 < cuts.Length ? cuts[at + 1] : long.MaxValue;
                    int[] users =
                    [
                        .. Enumerable
                            .Range(0, _sequences.Count)
                            .Where(user =>
                            {
                                var place = PlaceOf(user, cut);
                                return place < _sequences[user].Length
                                    && _times[user].Span[place] < end
                                    && (place == 0 || !newOnly);
                            }),
                    ];
                    return new Stretch(
                        sorted[Place(sorted, cut) - 1],
                        cut,
                        [.. FirstLists.Evenly(users).Select(user => (user, First(user, PlaceOf(user, cut))))]
                    );
                }
            ),
        ];

    private ReadOnlyMemory<int> First(int user, int place) =>
        _sequences[user].Slice(place, Math.Min(FirstLists.Events, _sequences[user].Length - place));

    private long[] Sorted()
    {
        var sorted = new long[_sequences.Sum(own => (long)own.Length)];
        var filled = 0;
        for (var user = 0; user < _sequences.Count; user++)
        {
            _times[user].Span[.._sequences[user].Length].CopyTo(sorted.AsSpan(filled));
            filled += _sequences[user].Length;
        }
        Array.Sort(sorted);
        return sorted;
    }

    // How many of a user's events are before a time.
    private int PlaceOf(int user, long time) => Place(_times[user].Span[.._sequences[user].Length], time);

    private static int Place(ReadOnlySpan<long> ascending, long time)
    {
        int low = 0,
            high = ascending.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ascending[middle] < time ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    // A split, types or rare items may have left most out; so many clicks that people made would collide.
    private static bool IsMadeUp(long[] sorted)
    {
        const long Second = 1000,
            MostLeftOut = 100;
        for (var at = 1; at < sorted.Length; at++)
        {
            var apart = sorted[at] - sorted[at - 1];
            if (apart == 0 || apart % Second != 0)
            {
                return false;
            }
        }
        return (sorted[^1] - sorted[0]) / Second < MostLeftOut * sorted.Length;
    }
}
