using System.Globalization;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Ranking.Variety;

namespace StreamRec.Evaluation;

/// <summary>Judges the worker's lists at places of its dial, all of them on the same candidates.</summary>
internal static class DialCurve
{
    /// <summary>All of whose places are varied.</summary>
    public const int ListLength = 10;

    /// <summary>More cases are thinned out evenly.</summary>
    private const int MostCases = 20_000;

    private const int MostPlaces = 20;

    /// <summary>Reads `0,.25,.5`.</summary>
    /// <exception cref="StreamRecException">It is something else.</exception>
    public static float[] Parse(string text)
    {
        var dials = text.Split(',', StringSplitOptions.TrimEntries)
            .Select(part =>
                float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var dial)
                && dial is >= 0 and <= 1
                    ? dial
                    : float.NaN
            )
            .ToArray();
        return dials.Length <= MostPlaces && !Array.Exists(dials, float.IsNaN)
            ? dials
            : throw new StreamRecException(
                $"--dial is '{Events.Excerpt.Of(text)}': give up to {MostPlaces} numbers from 0 to 1, commas between, "
                    + "such as 0,.25,.5,.75,1.",
                FaultKind.Usage
            );
    }

    /// <summary>As many cases as are judged, spread evenly.</summary>
    public static RankingCase[] Thinned(IReadOnlyList<RankingCase> cases)
    {
        var count = Math.Min(cases.Count, MostCases);
        return [.. Enumerable.Range(0, count).Select(at => cases[(int)((long)at * cases.Count / count)])];
    }

    /// <param name="model">With its network, where there is one.</param>
    public static IReadOnlyList<DialPoint> Of(
        Bundle bundle,
        ItemCategories? categories,
        IReadOnlyList<float> dials,
        ModelRanker model,
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        CancellationToken cancel
    )
    {
        var d = bundle.Manifest.Dimension;
        var tables = new VarietyTables(bundle.Vectors, d, bundle.Counts, categories);
        var catalogue = new ItemStatistics(bundle.Counts, item => bundle.Vectors.AsMemory(item * d, d));
        VarietyReranker[] rerankers =
        [
            .. dials.Select(dial => new VarietyReranker(tables, DialPath.At(dial), ListLength)),
        ];
        DialPoint[] points = [.. dials.Select(dial => new DialPoint(dial, new RankingMetrics(), null))];
        ListVariety[] lists = [.. dials.Select(_ => new ListVariety(catalogue, categories))];
        var asked = Thinned(cases);
        model.Candidates(
            asked,
            eligible,
            rerankers[0].CandidatesFor(ListLength),
            (one, items, scores) =>
            {
                // What a worker knows of the user.
                var kept = one.History.Span[^Math.Min(one.History.Length, eligible.Kept)..];
                for (var at = 0; at < points.Length; at++)
                {
                    var list = items.ToArray();
                    var of = scores.ToArray();
                    // A popular list, which has no scores, is never varied.
                    var count =
                        dials[at] > 0 && of.Length > 0
                            ? rerankers[at].Choose(kept, list, of, ListLength)
                            : Math.Min(ListLength, list.Length);
                    var top = list.AsSpan(0, count);
                    var place = one.Target > 0 ? top.IndexOf(one.Target) : -1;
                    points[at].Metrics.Add(place < 0 ? RankingMetrics.Miss : place + 1, one.User);
                    lists[at].Add(one.History.Span, top);
                }
            },
            cancel
        );
        return [.. points.Zip(lists, (point, of) => point with { Lists = of.Figures() })];
    }
}

/// <summary>What a place of the dial is worth, in lists of <see cref="DialCurve.ListLength"/>.</summary>
internal sealed record DialPoint(float Dial, RankingMetrics Metrics, VarietyFigures? Lists);
