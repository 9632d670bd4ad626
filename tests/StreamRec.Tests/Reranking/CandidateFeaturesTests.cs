using StreamRec.Reranking;

namespace StreamRec.Tests.Reranking;

/// <summary>Features are what schemas/bundle.md says, whatever stands beside a candidate.</summary>
public class CandidateFeaturesTests
{
    private static readonly RerankingTables s_tables = RerankingExample.Tables();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_feature_is_what_its_name_says(bool whole)
    {
        var tables = RerankingExample.Tables(whole);
        var (items, scores) = RerankingExample.Candidates(100, seed: 1);
        int[] history = [.. RerankingExample.History(30, seed: 2).Where(item => item > 0), items[4], items[7]];
        int[] recent = new int[RerankingTables.MostHistory];
        var known = recent[..RerankingTables.Recent(history, RerankingExample.Window, recent)];

        var columns = Columns(tables, known, items, scores);

        Assert.Equal(history.Reverse(), known);
        for (var place = 0; place < items.Length; place++)
        {
            var item = items[place];
            Near(scores[place] - scores[0], RerankingFeatures.Score);
            Near(MathF.Log(2 + place), RerankingFeatures.Rank);
            Near(MathF.Log(1 + s_tables.Transitions.Counts[item]), RerankingFeatures.Popularity);
            Near(Cosine(item, known[0]), RerankingFeatures.LikenessLast);
            Near(known[..5].Average(other => Cosine(item, other)), RerankingFeatures.LikenessRecent);
            Near(known.Select((h, age) => Weight(h, item) * MathF.Exp(-age / 3f)).Sum(), RerankingFeatures.WeightsNear);
            Near(
                known.Select((h, age) => Weight(h, item) * MathF.Exp(-age / 10f)).Sum(),
                RerankingFeatures.WeightsDecayed
            );
            Near(known.Sum(h => Weight(h, item)), RerankingFeatures.WeightsPlain);
            string[] transitions =
            [
                RerankingFeatures.Transition1,
                RerankingFeatures.Transition2,
                RerankingFeatures.Transition3,
            ];
            string[] lifts = [RerankingFeatures.Lift1, RerankingFeatures.Lift2, RerankingFeatures.Lift3];
            for (var lag = 0; lag < transitions.Length; lag++)
            {
                var count = Behind(known[lag], item, lag);
                Near(MathF.Log(1 + count), transitions[lag]);
                var expected = (float)Count(known[lag]) * Count(item) / s_tables.Transitions.Events;
                Near(count == 0 ? 0 : MathF.Log(1 + (count / expected)), lifts[lag]);
            }
            var walk = known[..10].Select((h, age) => (Share: MathF.Pow(.7f, age) * Sum(h, item), From: h)).ToArray();
            Near(MathF.Log(1 + walk.Sum(step => step.Share)), RerankingFeatures.Walk);
            Near(walk.Sum(step => step.Share / Math.Max(1, Count(step.From))), RerankingFeatures.WalkShare);
            Near(known.Select((h, age) => h == item ? MathF.Exp(-age / 10f) : 0).Sum(), RerankingFeatures.Seen);
            Near(known[0] == item ? 1 : 0, RerankingFeatures.SeenLast);
            Near(MathF.Log(1 + known.Length), RerankingFeatures.Length);

            void Near(float expected, string feature) =>
                Assert.True(
                    MathF.Abs(expected - columns[feature][place]) < 1e-4f,
                    $"{feature} of {place} is {columns[feature][place]}, not {expected}"
                );
        }
    }

    [Fact]
    public void A_candidate_has_the_same_bits_beside_any_others()
    {
        var features = new CandidateFeatures(s_tables);
        var names = RerankingFeatures.All.Where(name => name != RerankingFeatures.Score).ToArray();
        var columns = features.Columns(names);
        var (items, scores) = RerankingExample.Candidates(100, seed: 3);
        int[] history = [.. RerankingExample.History(40, seed: 4).Where(item => item > 0)];
        features.Compute(history, items, scores);
        float[][] all = [.. columns.Select(column => column.ToArray())];

        foreach (var count in (int[])[1, 7, 33, 99])
        {
            features.Compute(history, items.AsSpan(0, count), scores.AsSpan(0, count));
            Assert.All(all.Zip(columns), pair => Assert.Equal(pair.First[..count], pair.Second[..count]));
        }
    }

    [Fact]
    public void The_history_is_the_known_ones_of_the_last_events_that_every_worker_keeps()
    {
        var recent = new int[RerankingTables.MostHistory];
        int[] history = [.. Enumerable.Range(1, 300).Select(at => at % 2 == 0 ? at : 0)];

        Assert.Equal([300, 298, 296], recent[..RerankingTables.Recent(history, window: 3, recent)]);
        Assert.Equal(50, RerankingTables.Recent(history, window: 200, recent));
        Assert.Equal(0, RerankingTables.Recent([], window: 3, recent));
    }

    private static Dictionary<string, float[]> Columns(
        RerankingTables tables,
        int[] history,
        int[] items,
        float[] scores
    )
    {
        var features = new CandidateFeatures(tables);
        var columns = features.Columns(RerankingFeatures.All);
        features.Compute(history, items, scores);
        return RerankingFeatures.All.Zip(columns).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private static float Cosine(int x, int y)
    {
        var (a, b) = (s_tables.Vector(x).ToArray(), s_tables.Vector(y).ToArray());
        var product = a.Zip(b).Sum(pair => pair.First * pair.Second);
        return product / MathF.Sqrt(a.Sum(value => value * value) * b.Sum(value => value * value));
    }

    private static float Weight(int from, int to)
    {
        int q = s_tables.Weights.Values[(from * s_tables.Weights.Rows) + to];
        return q * Math.Abs(q) * s_tables.Weights.Scales[from];
    }

    private static int Count(int item) => s_tables.Transitions.Counts[item];

    private static int Behind(int from, int to, int lag) =>
        Entry(from, to) is { } at ? s_tables.Transitions.Behind[lag][at] : 0;

    private static float Sum(int from, int to) => Entry(from, to) is { } at ? s_tables.Transitions.Sums[at] : 0;

    private static int? Entry(int from, int to)
    {
        var starts = s_tables.Transitions.Starts;
        var at = Array.IndexOf(s_tables.Transitions.Items, to, starts[from], starts[from + 1] - starts[from]);
        return at < 0 ? null : at;
    }
}
