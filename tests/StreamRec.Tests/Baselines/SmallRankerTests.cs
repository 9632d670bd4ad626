using StreamRec.Evaluation;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Training.Baselines;

namespace StreamRec.Tests.Baselines;

/// <summary>Each ranker on data so small that its scores can be worked by hand.</summary>
public class SmallRankerTests
{
    [Fact]
    public void Ease_solves_the_ridge_regression_without_a_diagonal()
    {
        var ranker = new EaseRanker("ease", Part([1, 2], [1, 2], [3]));

        // XᵀX + 50·I of items 1 and 2 is [52 2; 2 52]: B₁₂ = 2/52.
        Assert.Equal([0, 0, 2f / 52], Scores(ranker, 1), Close);
    }

    [Fact]
    public void Decayed_ease_weighs_an_item_by_the_age_of_its_newest_event()
    {
        var ranker = new EaseRanker("ease-decayed", Part([1, 2], [1, 2], [3, 4], [3, 4]), memory: 2);

        var scores = Scores(ranker, 1, 3, 1, 0, 3);

        Assert.Equal(2f / 52, scores[4], 1e-6f);
        Assert.Equal(2f / 52 * MathF.Exp(-1), scores[2], 1e-6f);
    }

    [Fact]
    public void Transitions_count_what_stood_behind_at_each_step()
    {
        var part = Part([1, 2, 3, 4], [1, 3]);
        var ranker = new TransitionRanker(
            "transitions",
            part,
            new TransitionRows(part, 2, 0.5, 0),
            decay: 0.1,
            last: 2
        );
        var rare = new TransitionRanker("transitions", part, new TransitionRows(part, 2, 0.5, 0.5), 0.1, 2);

        // Behind the two of 1: 2 at once, 3 at once and at the second step. Behind 2: 3, and then 4. The older 3 is not
        // asked.
        Assert.Equal([0, 0, 0.5f, 0.75f + 0.1f, 0.05f], Scores(ranker, 3, 2, 1), Close);
        Assert.Equal([0, 0, 0.5f, 0.85f / MathF.Sqrt(2), 0.05f], Scores(rare, 3, 2, 1), Close);
    }

    [Fact]
    public void Neighbours_weigh_shared_items_by_place_and_theirs_by_rarity()
    {
        var ranker = new NeighbourRanker("vsknn", Part([1, 2], [1, 3], [2, 3], [4, 3]));

        // History 2, 1: item 1 weighs 1, item 2 a half. Sequences 1-2 (1.5, shares the newest), 1-3 (1), 2-3 (.5; the
        // newest shared item is 2 events old, so its items count half). Item 3 stands in three of four sequences.
        var scores = Scores(ranker, 2, 1);

        Assert.Equal((1 + (0.5f / 2)) * MathF.Log(4f / 3), scores[3], 1e-5f);
        Assert.Equal(4, scores.Length);
    }

    [Fact]
    public void Stan_decays_by_age_recency_and_distance()
    {
        var scales = new StanScales(Age: 1, Recency: 0.5, Distance: 2);
        var ranker = new NeighbourRanker("stan", Part([1, 2, 3], [4, 5]), scales);

        // The first sequence is the older of two: half of the way back.
        float likeness = MathF.Exp(-1) / MathF.Sqrt(2 * 3) * MathF.Exp(-1);
        var scores = Scores(ranker, 1, 6);

        Assert.Equal(likeness * MathF.Exp(-0.5f), scores[2], 1e-6f);
        Assert.Equal(likeness * MathF.Exp(-1), scores[3], 1e-6f);
    }

    [Fact]
    public void Content_is_the_likeness_of_categories_to_the_last_ones()
    {
        var categories = new ItemCategories([
            [],
            ["a"],
            ["b"],
            ["a", "b"],
            ["a"],
            ["b"],
        ]);
        var part = new TrainingPart(Sequences([1, 2, 3, 4, 5]), Times([1, 2, 3, 4, 5]), 5, categories);

        var scores = new ContentRanker("content", part, last: 2).Scores(new RankingCase(0, new[] { 3, 2, 1 }, 4));

        // Of the last two, 2 and 1, one is like each of the pure items; the mixed one is at 45 degrees to both.
        Assert.Equal([1, 1, MathF.Sqrt(2), 1, 1], scores[1..], Close);
    }

    [Fact]
    public void Decayed_popularity_halves_an_event_after_its_half_life()
    {
        // In the order of time: 1, 1, 1, 2.
        var part = Part([1, 1], [1, 2]);
        var ranker = new DecayedPopularityRanker("popularity-decayed", part, halfLife: 1);

        Assert.Equal([0, 0.5f + 0.25f + 0.125f, 1], Scores(ranker));
        ranker.Observe(0, 0, 1);
        Assert.Equal([0, 1 + 0.25f + 0.125f + 0.0625f, 0.5f], Scores(ranker));
    }

    [Fact]
    public void Equal_scores_are_ranked_by_popularity_and_ties_count_against()
    {
        // Behind 1 stood each of 2, 3 and 4 once; 4 is the most popular, 2 and 3 are alike, 5 was never seen.
        var part = Part([1, 2], [1, 3], [1, 4], [4]);
        var ranker = new TransitionRanker("transitions", part, new TransitionRows(part, 1, 1, 0), 1, 1);
        var eligible = new Eligibility(ExcludeSeen: true, Kept: 9);
        RankingCase[] cases = [.. Enumerable.Range(1, 5).Select(target => new RankingCase(0, new[] { 1 }, target))];
        int[] ranks = new int[5],
            top = new int[9];

        ranker.Rank(cases, eligible, ranks);

        Assert.Equal([4, 3, 3, 1, RankingMetrics.Miss], ranks);
        Assert.Equal([4, 2, 3], top[..ranker.List(cases[0], eligible, top)]);
        Assert.Equal([4, 2], top[..ranker.List(cases[0], eligible, top.AsSpan(0, 2))]);
    }

    internal static TrainingPart Part(params int[][] sequences)
    {
        var next = 0;
        return new TrainingPart(
            Sequences(sequences),
            Times([.. sequences.Select(sequence => sequence.Select(_ => (long)next++).ToArray())]),
            Math.Max(6, sequences.Max(sequence => sequence.Max()))
        );
    }

    private static ReadOnlyMemory<int>[] Sequences(params int[][] sequences) =>
        [.. sequences.Select(sequence => new ReadOnlyMemory<int>(sequence))];

    private static ReadOnlyMemory<long>[] Times(params long[][] times) =>
        [.. times.Select(sequence => new ReadOnlyMemory<long>(sequence))];

    // Up to the last item that has a score.
    private static float[] Scores(ScoredRanker ranker, params int[] history)
    {
        var scores = ranker.Scores(new RankingCase(0, history, 1));
        return scores[..(Array.FindLastIndex(scores, score => score != 0) + 1)];
    }

    private static bool Close(float x, float y) => MathF.Abs(x - y) < 1e-4f;
}
