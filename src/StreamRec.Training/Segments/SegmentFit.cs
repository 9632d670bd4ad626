using StreamRec.Models;
using StreamRec.Training.Newcomers;

namespace StreamRec.Training.Segments;

/// <summary>
/// Which kinds of segments have lists that users who come new are served better by, and these lists.
/// </summary>
/// <remarks>
/// Judged on training users alone. Without a half-life: each one's first events against the lists that there would be
/// without the user. With one a list is of a time: those who came in the newest stretches, against lists of what was
/// before.
/// </remarks>
public sealed class SegmentFit
{
    private SegmentFit(SegmentCounts counts, int users, double popular, IReadOnlyList<SegmentKind> kinds)
    {
        (Counts, Users, Popular, Kinds) = (counts, users, popular, kinds);
        Lists = counts.Lists(kinds.Where(kind => kind.Pays).Select(kind => kind.Kind));
    }

    /// <summary>Users who were asked.</summary>
    public int Users { get; }

    /// <summary>NDCG@10 of the popular list on the users' first events.</summary>
    public double Popular { get; }

    /// <summary>Kinds that have a list, the one that gains most first.</summary>
    public IReadOnlyList<SegmentKind> Kinds { get; }

    /// <summary>Of the kinds that pay.</summary>
    public IReadOnlyList<SegmentItems> Lists { get; }

    /// <summary>Of all training users.</summary>
    public SegmentCounts Counts { get; }

    /// <summary>The figures by the names that they have in a bundle.</summary>
    public IEnumerable<KeyValuePair<string, double>> ByName() =>
        Kinds.SelectMany(kind =>
            new KeyValuePair<string, double>[]
            {
                new($"segments.{kind.Kind}.gain.ndcg@10", kind.Gain),
                new($"segments.{kind.Kind}.gain.ndcg@10.least", kind.GainAtLeast),
            }
        );

    /// <param name="sequences">Item indices in 1..N of each user, oldest first.</param>
    /// <param name="times">The events' times in milliseconds; at least as many of each user.</param>
    /// <param name="segments">As many as users.</param>
    /// <param name="items">N.</param>
    /// <param name="halfLife">What the lists forget by; null: they do not.</param>
    /// <returns>Null where no segment has enough users and events.</returns>
    public static SegmentFit? Of(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<ReadOnlyMemory<long>> times,
        IReadOnlyList<IReadOnlyList<string>> segments,
        int items,
        TimeSpan? halfLife = null,
        CancellationToken cancel = default
    )
    {
        if (segments.All(own => own.Count == 0))
        {
            return null;
        }
        var stretches = halfLife is null ? null : new Stretches(sequences, times);
        var counts = new SegmentCounts(sequences, times, segments, items, stretches?.LastMs ?? 0, halfLife);
        var names = counts.Kinds;
        if (names.Count == 0)
        {
            return null;
        }
        var asked = new Asked(names);
        if (halfLife is { } half)
        {
            InStretches(stretches!, times, segments, items, half, asked, cancel);
        }
        else
        {
            AsIfNew(counts, sequences, segments, asked, cancel);
        }
        return new(
            counts,
            asked.Popular.Count,
            asked.Popular.DefaultIfEmpty(0).Average(),
            [
                .. asked
                    .Kinds(counts)
                    .OrderByDescending(kind => kind.Gain)
                    .ThenBy(kind => kind.Kind, StringComparer.Ordinal),
            ]
        );
    }

    // Each user of the training data as if new, the lists being of all others.
    private static void AsIfNew(
        SegmentCounts counts,
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<IReadOnlyList<string>> segments,
        Asked asked,
        CancellationToken cancel
    )
    {
        var scores = new float[counts.All.Length];
        int[] users = [.. Enumerable.Range(0, sequences.Count).Where(user => !sequences[user].IsEmpty)];
        foreach (var user in FirstLists.Evenly(users))
        {
            cancel.ThrowIfCancellationRequested();
            var own = sequences[user];
            asked.Add(
                counts,
                segments[user],
                own,
                segment =>
                {
                    counts.Score(segment, own.Span, scores);
                    return FirstLists.Best(scores);
                }
            );
        }
    }

    // Those who came in the newest stretches, the lists being of what was before.
    private static void InStretches(
        Stretches stretches,
        IReadOnlyList<ReadOnlyMemory<long>> times,
        IReadOnlyList<IReadOnlyList<string>> segments,
        int items,
        TimeSpan halfLife,
        Asked asked,
        CancellationToken cancel
    )
    {
        var scores = new float[items + 1];
        foreach (var stretch in stretches.All)
        {
            cancel.ThrowIfCancellationRequested();
            var before = stretches.Before(stretch);
            var counts = new SegmentCounts(before, times, segments, items, stretch.NowMs, halfLife);
            var lists = new Dictionary<string, int[]>(StringComparer.Ordinal);
            int[] ListOf(string? segment)
            {
                if (!lists.TryGetValue(segment ?? "", out var list))
                {
                    counts.Score(segment, [], scores);
                    lists.Add(segment ?? "", list = FirstLists.Best(scores));
                }
                return list;
            }
            foreach (var (user, events) in stretch.Asked)
            {
                asked.Add(counts, segments[user], events, ListOf);
            }
        }
    }

    // What was found of each user: the popular list's figure, and of each kind its gain over that.
    private sealed class Asked(IReadOnlyList<string> kinds)
    {
        private readonly List<double>[] _gains = [.. kinds.Select(_ => new List<double>())];

        public List<double> Popular { get; } = [];

        public void Add(
            SegmentCounts counts,
            IReadOnlyList<string> segments,
            ReadOnlyMemory<int> events,
            Func<string?, int[]> listOf
        )
        {
            var popular = FirstLists.Ndcg(listOf(null), events.Span);
            Popular.Add(popular);
            for (var kind = 0; kind < kinds.Count; kind++)
            {
                var segment = counts.Of(segments, kinds[kind]);
                _gains[kind].Add(segment is null ? 0 : FirstLists.Ndcg(listOf(segment), events.Span) - popular);
            }
        }

        public IEnumerable<SegmentKind> Kinds(SegmentCounts counts) =>
            kinds.Select(
                (name, kind) =>
                {
                    var gain = PairedGain.Of(_gains[kind]);
                    return new SegmentKind(name, counts.Count(name), gain.Mean, gain.AtLeast);
                }
            );
    }
}
