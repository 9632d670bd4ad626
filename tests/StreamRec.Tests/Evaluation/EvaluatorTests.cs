using StreamRec.Evaluation;

namespace StreamRec.Tests.Evaluation;

public class EvaluatorTests
{
    private static readonly ItemCatalogue Catalogue = new([0, 6, 3, 1, 0], item => new float[] { item, 1 });

    [Fact]
    public void Targets_that_were_never_trained_on_are_misses()
    {
        RankingCase[] cases = [new(0, new[] { 1 }, 2), new(1, new[] { 1 }, 4)];

        RankerEvaluation result = Assert.Single(new Evaluator(Catalogue, filterSeen: false).OnCases([new FirstAlways()], cases));

        Assert.Equal(2, result.Metrics.Count);
        Assert.Equal(0.5, result.Metrics.HitRate(10), 12);
        Assert.Equal(0, result.Slices["target unseen"].HitRate(10));
        Assert.Equal(1, result.Slices["target middle"].HitRate(10));
    }

    /// <summary>Lists of 1 and 2: both of three known items; counts 6 and 3 against targets of 3.</summary>
    [Fact]
    public void List_figures()
    {
        RankingCase[] cases = [new(0, new[] { 1 }, 2), new(1, new[] { 3 }, 2)];

        ListFigures lists = new Evaluator(Catalogue, filterSeen: false).OnCases([new FirstAlways()], cases)[0].Lists!;

        Assert.Equal(2, lists.Lists);
        Assert.Equal(2 / 3.0, lists.Coverage, 12);
        Assert.Equal(4.5 / 3, lists.PopularityBias, 12);
        Assert.Equal(3 / Math.Sqrt(2 * 5), lists.Similarity, 6);
    }

    [Fact]
    public void A_stream_is_asked_before_it_is_learned_and_filtered()
    {
        RankingCase[] stream =
            [new(7, Array.Empty<int>(), 1), new(7, new[] { 1 }, 2), new(7, new[] { 1, 2 }, 1), new(7, new[] { 1, 2, 1 }, 2)];
        var markov = new StreamCaseRanker("markov", new MarkovRanker());

        RankerEvaluation all = Assert.Single(new Evaluator(Catalogue, filterSeen: false).OnStream([], [markov], stream));
        RankerEvaluation filtered = Assert.Single(new Evaluator(Catalogue, filterSeen: true)
            .OnStream([], [new StreamCaseRanker("markov", new MarkovRanker())], stream));

        // 2 is new, 1 ties with 2 in popularity, and after 1 came 2.
        Assert.Equal(3, all.Metrics.Count);
        Assert.Equal((0.5 + 1) * 1 / 3, all.Metrics.Mrr(10), 12);
        Assert.Equal(1, filtered.Metrics.Count);
    }

    [Fact]
    public void Intervals_hold_the_mean()
    {
        var metrics = new RankingMetrics();
        foreach (int rank in Enumerable.Range(0, 400).Select(at => at % 4 == 0 ? 1 : RankingMetrics.Miss))
        {
            metrics.Add(rank);
        }

        double[] interval = metrics.Intervals()["hr@10"];
        Assert.Equal(0.25, (interval[0] + interval[1]) / 2, 12);
        Assert.Equal(2 * 1.96 * Math.Sqrt(0.25 * 0.75 / 399), interval[1] - interval[0], 9);
    }

    private sealed class FirstAlways : ICaseRanker
    {
        public string Name => "first";

        public void Rank(IReadOnlyList<RankingCase> cases, bool filterSeen, Span<int> ranks) => ranks.Fill(1);

        public int List(in RankingCase asked, bool filterSeen, Span<int> top)
        {
            (top[0], top[1]) = (1, 2);
            return 2;
        }

        public void Observe(int user, int previous, int item)
        {
        }
    }
}
