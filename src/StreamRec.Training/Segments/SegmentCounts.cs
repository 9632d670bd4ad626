using System.Runtime.InteropServices;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Training.Newcomers;

namespace StreamRec.Training.Segments;

/// <summary>
/// How much items stand in the events of each segment's users, and in those of all: how often, or with a half-life the
/// older the less.
/// </summary>
public sealed class SegmentCounts
{
    /// <summary>Events without which a segment has no list: what is wider says more.</summary>
    public const int LeastEvents = 500;

    /// <summary>
    /// Events of all users, by their shares, that are put to a segment's own: of few events the list is nearly that of
    /// all.
    /// </summary>
    public const int Prior = 200;

    private readonly Dictionary<string, Segment> _segments = new(StringComparer.Ordinal);
    private readonly TimeSpan? _halfLife;

    /// <summary>Every event counts 1.</summary>
    /// <param name="sequences">Item indices in 1..N of each user.</param>
    /// <param name="segments">As many.</param>
    /// <param name="items">N.</param>
    public SegmentCounts(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<IReadOnlyList<string>> segments,
        int items
    )
        : this(sequences, [], segments, items, 0, null) { }

    /// <param name="sequences">Item indices in 1..N of each user, oldest first.</param>
    /// <param name="times">The events' times in milliseconds, at least as many of each user; not read without a
    /// half-life.</param>
    /// <param name="segments">As many.</param>
    /// <param name="items">N.</param>
    /// <param name="nowMs">When lists are made.</param>
    /// <param name="halfLife">See <see cref="PopularityDecay"/>.</param>
    public SegmentCounts(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<ReadOnlyMemory<long>> times,
        IReadOnlyList<IReadOnlyList<string>> segments,
        int items,
        long nowMs,
        TimeSpan? halfLife
    )
    {
        _halfLife = halfLife;
        All = new double[items + 1];
        var recent = halfLife is { } half ? Crowd.SinceMs(nowMs, half) : 0;
        for (var user = 0; user < sequences.Count; user++)
        {
            var own = sequences[user].Span;
            var at = halfLife is null ? default : times[user].Span[..own.Length];
            var among = own.IsEmpty ? [] : segments[user].Select(SegmentOf).ToArray();
            foreach (var segment in among)
            {
                segment.Users++;
                segment.Counted += halfLife is null || at[^1] >= recent ? 1 : 0;
                segment.Events += own.Length;
            }
            for (var place = 0; place < own.Length; place++)
            {
                var weight = halfLife is null ? 1 : PopularityDecay.WeightOf(at[place], nowMs, halfLife);
                All[own[place]] += weight;
                Total += weight;
                foreach (var segment in among)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(segment.Counts, own[place], out _) += weight;
                    segment.Weight += weight;
                }
            }
        }
    }

    /// <summary>N+1, of all users.</summary>
    public double[] All { get; }

    /// <summary>The sum of <see cref="All"/>.</summary>
    public double Total { get; }

    /// <summary>The kinds of the segments that have a list, in ordinal order.</summary>
    public IReadOnlyList<string> Kinds =>
        [.. _segments.Keys.Where(Has).Select(KindOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>What stands before the first colon; all of it where there is none.</summary>
    public static string KindOf(string segment) =>
        segment.IndexOf(':') is > 0 and var colon ? segment[..colon] : segment;

    /// <summary>Whether there is enough for a list.</summary>
    public bool Has(string segment) =>
        _segments.TryGetValue(segment, out var counts)
        && counts.Counted >= Crowd.LeastUsers
        && counts.Events >= LeastEvents;

    /// <summary>How many segments of a kind have a list.</summary>
    public int Count(string kind) => _segments.Keys.Count(segment => KindOf(segment) == kind && Has(segment));

    /// <summary>Of a user's segments the first of a kind that has a list; null: none.</summary>
    public string? Of(IReadOnlyList<string> segments, string kind) =>
        segments.FirstOrDefault(segment => KindOf(segment) == kind && Has(segment));

    /// <summary>The lists of these kinds, the segments of most events first.</summary>
    public IReadOnlyList<SegmentItems> Lists(IEnumerable<string> kinds)
    {
        var taken = kinds.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. _segments
                .Where(pair => taken.Contains(KindOf(pair.Key)) && Has(pair.Key))
                .OrderByDescending(pair => pair.Value.Events)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Take(SegmentItems.MostSegments)
                .Select(pair => List(pair.Key, pair.Value)),
        ];
    }

    /// <summary>
    /// Fills N+1 scores that order items as a segment's list does, as if a user of it had never been there.
    /// </summary>
    /// <param name="segment">One that has a list; null: of all users.</param>
    /// <param name="without">The user's events; empty: nobody is left out. Without a half-life alone.</param>
    public void Score(string? segment, ReadOnlySpan<int> without, Span<float> scores)
    {
        if (_halfLife is not null && !without.IsEmpty)
        {
            throw new ArgumentException("With a half-life a user is left out by the cut in time.", nameof(without));
        }
        var prior = segment is null ? 1 : (float)(Prior / Math.Max(1, Total - without.Length));
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = prior * (float)All[item];
        }
        if (segment is not null)
        {
            foreach (var (item, count) in _segments[segment].Counts)
            {
                scores[item] += (float)count;
            }
        }
        foreach (var item in without)
        {
            scores[item] -= segment is null ? 1 : 1 + prior;
        }
    }

    private SegmentItems List(string name, Segment segment)
    {
        var scores = new float[All.Length];
        Score(name, [], scores);
        // As many as the segment's events count, of which these are expected.
        var scale = (float)(segment.Weight / (segment.Weight + Prior));
        int[] best =
        [
            .. Enumerable
                .Range(1, scores.Length - 1)
                .OrderByDescending(item => scores[item])
                .ThenBy(item => item)
                .Take(SegmentItems.MostItems),
        ];
        return new(
            name,
            segment.Users,
            segment.Events,
            (float)(Prior / Total) * scale,
            best,
            Array.ConvertAll(best, item => scores[item] * scale)
        );
    }

    private Segment SegmentOf(string name) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_segments, name, out _) ??= new();

    private sealed class Segment
    {
        public readonly Dictionary<int, double> Counts = [];
        public double Weight;
        public long Users,
            Counted,
            Events;
    }
}
