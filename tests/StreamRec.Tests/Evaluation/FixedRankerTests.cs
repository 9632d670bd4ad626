using StreamRec.Evaluation;
using StreamRec.Training.Evaluation;

namespace StreamRec.Tests.Evaluation;

/// <summary>Rankers that answer many cases at once agree with their own lists.</summary>
public class FixedRankerTests
{
    private const int Items = 60;

    public static TheoryData<string> Rankers => ["item-to-item", "matrix-factorization"];

    [Theory]
    [MemberData(nameof(Rankers))]
    public void Rank_is_the_place_in_the_list(string name)
    {
        ICaseRanker ranker = Create(name);
        var random = new Random(3);
        RankingCase[] cases = [.. Enumerable.Range(0, 90).Select(at => new RankingCase(
            at, Enumerable.Range(0, 1 + (at % 6)).Select(_ => random.Next(1, Items)).ToArray(), random.Next(1, Items)))];
        foreach (bool filterSeen in (bool[])[false, true])
        {
            var ranks = new int[cases.Length];
            ranker.Rank(cases, filterSeen, ranks);
            var top = new int[Items];
            foreach ((RankingCase asked, int rank) in cases.Zip(ranks))
            {
                bool listed = !filterSeen || !asked.History.Span.Contains(asked.Target);
                int place = top.AsSpan(0, ranker.List(asked, filterSeen, top)).IndexOf(asked.Target) + 1;
                Assert.Equal(listed, place > 0);
                Assert.InRange(rank, listed ? place : 1, listed ? place + 2 : Items);
            }
        }
    }

    /// <summary>Items 1–29 go together, and so do 30–59: a history of one half is answered with that half.</summary>
    [Theory]
    [MemberData(nameof(Rankers))]
    public void Knows_what_goes_together(string name)
    {
        ICaseRanker ranker = Create(name);
        var top = new int[5];
        ranker.List(new RankingCase(0, new[] { 3, 9, 12 }, 1), filterSeen: true, top);
        Assert.All(top, item => Assert.InRange(item, 1, 29));
        ranker.List(new RankingCase(0, new[] { 40, 51, 35 }, 1), filterSeen: true, top);
        Assert.All(top, item => Assert.InRange(item, 30, 59));
    }

    [Fact]
    public void Dense_ranks_are_those_of_a_plain_scan()
    {
        const int count = 5000, d = 16;
        var random = new Random(4);
        float[] vectors = [.. new float[d], .. Enumerable.Range(0, count * d).Select(_ => (float)random.Next(-3, 4))];
        float[] biases = [0, .. Enumerable.Range(0, count).Select(_ => (float)random.Next(3))];
        var ranking = new DenseRanking(vectors, d, biases);
        float[] users = [.. Enumerable.Range(0, 100 * d).Select(_ => (float)random.Next(-2, 3))];
        int[] targets = [.. Enumerable.Range(0, 100).Select(at => at == 50 ? 0 : random.Next(1, count + 1))];
        int[][] excluded = [.. targets.Select(target => new HashSet<int>([target, .. Enumerable.Range(0, 40).Select(_ => random.Next(1, count + 1))]).ToArray())];
        var ranks = new int[100];
        ranking.Rank(users, targets, excluded, ranks);

        for (int at = 0; at < ranks.Length; at++)
        {
            float[] scores = [.. Enumerable.Range(0, count + 1).Select(item =>
                biases[item] + Enumerable.Range(0, d).Sum(k => users[(at * d) + k] * vectors[(item * d) + k]))];
            Assert.Equal(targets[at] == 0 ? RankingMetrics.Miss : RankingMetrics.RankOf(scores, targets[at], excluded[at]), ranks[at]);
        }
    }

    private static ICaseRanker Create(string name)
    {
        var random = new Random(2);
        ReadOnlyMemory<int>[] sequences = [.. Enumerable.Range(0, 300).Select(user => new ReadOnlyMemory<int>(
            [.. Enumerable.Range(0, 12).Select(_ => user % 2 == 0 ? random.Next(1, 30) : random.Next(30, Items))]))];
        return name == "item-to-item" ? new ItemToItemRanker(sequences, Items - 1) : new MatrixFactorizationRanker(sequences, Items - 1);
    }
}
