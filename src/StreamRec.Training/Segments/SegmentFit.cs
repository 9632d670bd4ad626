using StreamRec.Models;

namespace StreamRec.Training.Segments;

/// <summary>
/// Which kinds of segments have lists that users who come new are served better by, and these lists.
/// </summary>
/// <remarks>
/// Judged on training users alone: each one's first events against the lists that there would be without the user.
/// </remarks>
public sealed class SegmentFit
{
    /// <summary>Of how many first events of a user the gain is the mean.</summary>
    public const int FirstEvents = 10;

    /// <summary>The most users that are asked, evenly chosen.</summary>
    public const int MostUsers = 2000;

    private const int ListLength = 10;
    private const double Normal95 = 1.96;

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
    /// <param name="segments">As many.</param>
    /// <param name="items">N.</param>
    /// <returns>Null where no segment has enough users and events.</returns>
    public static SegmentFit? Of(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<IReadOnlyList<string>> segments,
        int items,
        CancellationToken cancel = default
    )
    {
        if (segments.All(own => own.Count == 0))
        {
            return null;
        }
        var counts = new SegmentCounts(sequences, segments, items);
        var names = counts.Kinds;
        if (names.Count == 0)
        {
            return null;
        }
        var asked = Evenly([.. Enumerable.Range(0, sequences.Count).Where(user => !sequences[user].IsEmpty)]);
        var popular = new double[asked.Length];
        var gains = names.Select(_ => new double[asked.Length]).ToArray();
        var scores = new float[items + 1];
        for (var at = 0; at < asked.Length; at++)
        {
            cancel.ThrowIfCancellationRequested();
            var own = sequences[asked[at]].Span;
            popular[at] = Ndcg(counts, null, own, scores);
            for (var kind = 0; kind < names.Count; kind++)
            {
                if (counts.Of(segments[asked[at]], names[kind]) is { } segment)
                {
                    gains[kind][at] = Ndcg(counts, segment, own, scores) - popular[at];
                }
            }
        }
        return new(
            counts,
            asked.Length,
            popular.Average(),
            [
                .. names
                    .Select((name, kind) => Kind(counts, name, gains[kind]))
                    .OrderByDescending(kind => kind.Gain)
                    .ThenBy(kind => kind.Kind, StringComparer.Ordinal),
            ]
        );
    }

    /// <summary>At most <see cref="MostUsers"/> of these, evenly chosen.</summary>
    public static int[] Evenly(int[] users)
    {
        var chosen = Math.Min(MostUsers, users.Length);
        return [.. Enumerable.Range(0, chosen).Select(at => users[(int)((long)at * users.Length / chosen)])];
    }

    private static SegmentKind Kind(SegmentCounts counts, string name, double[] gains)
    {
        var mean = gains.Average();
        var squares = gains.Sum(gain => (gain - mean) * (gain - mean));
        var half = Normal95 * Math.Sqrt(squares / Math.Max(1, gains.Length - 1) / gains.Length);
        return new(name, counts.Count(name), mean, gains.Length > 1 ? mean - half : double.NegativeInfinity);
    }

    private static double Ndcg(SegmentCounts counts, string? segment, ReadOnlySpan<int> own, float[] scores)
    {
        counts.Score(segment, own, scores);
        Span<int> best = stackalloc int[ListLength];
        best = best[..Best(scores, best)];
        var first = own[..Math.Min(FirstEvents, own.Length)];
        double sum = 0;
        foreach (var item in first)
        {
            var place = best.IndexOf(item);
            sum += place < 0 ? 0 : 1 / Math.Log2(2.0 + place);
        }
        return sum / first.Length;
    }

    // The largest scores of items 1…N; of equal ones the lower index first.
    private static int Best(ReadOnlySpan<float> scores, Span<int> best)
    {
        var found = 0;
        for (var item = 1; item < scores.Length; item++)
        {
            if (found == best.Length && scores[item] <= scores[best[^1]])
            {
                continue;
            }
            found = Math.Min(found + 1, best.Length);
            var place = found - 1;
            for (; place > 0 && scores[best[place - 1]] < scores[item]; place--)
            {
                best[place] = best[place - 1];
            }
            best[place] = item;
        }
        return found;
    }
}
