using StreamRec.Evaluation;
using StreamRec.Ranking;

namespace StreamRec.Tests.Evaluation;

public class BaselineTests
{
    private static readonly HashSet<int> Nothing = [];

    [Fact]
    public void Popularity_orders_by_count_then_index()
    {
        var ranker = new PopularityRanker();
        foreach (int item in (int[])[3, 3, 2, 1, 2, 3])
        {
            ranker.Observe(0, 0, item);
        }
        var top = new int[5];
        Assert.Equal(3, ranker.Rank(0, 0, Nothing, top));
        Assert.Equal([3, 2, 1], top[..3]);
        Assert.Equal(2, ranker.Rank(0, 0, new HashSet<int> { 3 }, top));
        Assert.Equal(RankingMetrics.Miss, ranker.RankOf(9, Nothing));
    }

    /// <summary>
    /// Counts of a bundle may be in the billions: what they cost depends on how many items there are.
    /// </summary>
    [Fact]
    public void Fixed_counts_are_ranked_like_those_that_were_observed()
    {
        const long scale = 1_000_000_000_000;
        long[] counts = [0, 2, 0, 3, 2, 1];
        var running = new PopularityRanker();
        foreach (int item in Enumerable.Range(1, 5).SelectMany(item => Enumerable.Repeat(item, (int)counts[item])))
        {
            running.Observe(0, 0, item);
        }
        var known = new FixedPopularityRanker([.. counts.Select(count => scale * count)]);
        var observed = new StreamCaseRanker("popularity", running);
        foreach (var eligible in (Eligibility[])[new(false, 2), new(true, 2)])
        {
            RankingCase[] cases =
            [
                .. Enumerable.Range(1, 5).Select(target => new RankingCase(target, new[] { 5, 1, 3 }, target)),
            ];
            int[] ranks = new int[5],
                expected = new int[5],
                top = new int[5],
                list = new int[5];
            known.Rank(cases, eligible, ranks);
            observed.Rank(cases, eligible, expected);

            Assert.Equal(expected, ranks);
            Assert.Equal(observed.List(cases[0], eligible, list), known.List(cases[0], eligible, top));
            Assert.Equal(list, top);
        }
    }

    /// <summary>The rank that Markov says is the place in its list, but for ties, where it is no better.</summary>
    [Fact]
    public void Markov_rank_agrees_with_its_list()
    {
        var random = new Random(6);
        var ranker = new MarkovRanker();
        int previous = 0;
        for (int at = 0; at < 4000; at++)
        {
            int item = 1 + (int)(40 * random.NextDouble() * random.NextDouble());
            ranker.Observe(0, previous, item);
            previous = item;
        }
        var top = new int[40];
        for (int last = 0; last <= 40; last++)
        {
            HashSet<int> excluded = [.. Enumerable.Range(0, 5).Select(_ => random.Next(1, 41))];
            int found = ranker.Rank(0, last, excluded, top);
            Assert.Equal(found, top.Take(found).Distinct().Count());
            for (int place = 0; place < found; place++)
            {
                Assert.InRange(ranker.RankOf(last, top[place], excluded), place + 1, place + 4);
            }
            Assert.Equal(found, ranker.RankOf(last, top[found - 1], excluded));
        }
    }

    [Fact]
    public void Prequential_judges_before_it_learns()
    {
        var evaluator = new PrequentialEvaluator(new MarkovRanker(), listLength: 1);
        foreach (int item in (int[])[1, 2, 1, 2])
        {
            evaluator.Judge(user: 7, item);
        }
        // 2 is new, so missed; 1 against a tie of popularity; after 1 came 2.
        Assert.Equal(3, evaluator.Metrics.Count);
        Assert.Equal(2 / 3.0, evaluator.Metrics.HitRate(1), 12);
    }
}
