using StreamRec.Evaluation;
using StreamRec.Ranking;
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
        var ranker = Create(name);
        var random = new Random(3);
        RankingCase[] cases =
        [
            .. Enumerable
                .Range(0, 90)
                .Select(at => new RankingCase(
                    at,
                    Enumerable.Range(0, 1 + (at % 6)).Select(_ => random.Next(1, Items)).ToArray(),
                    random.Next(1, Items)
                )),
        ];
        foreach (bool excludeSeen in (bool[])[false, true])
        {
            var eligible = new Eligibility(excludeSeen, Kept: 4);
            var ranks = new int[cases.Length];
            ranker.Rank(cases, eligible, ranks);
            var top = new int[Items];
            foreach ((var asked, int rank) in cases.Zip(ranks))
            {
                bool listed = eligible.Allows(asked.History.Span, asked.Target);
                int place = top.AsSpan(0, ranker.List(asked, eligible, top)).IndexOf(asked.Target) + 1;
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
        var ranker = Create(name);
        var top = new int[5];
        ranker.List(new RankingCase(0, new[] { 3, 9, 12 }, 1), new Eligibility(ExcludeSeen: true, Kept: 9), top);
        Assert.All(top, item => Assert.InRange(item, 1, 29));
        ranker.List(new RankingCase(0, new[] { 40, 51, 35 }, 1), new Eligibility(ExcludeSeen: true, Kept: 9), top);
        Assert.All(top, item => Assert.InRange(item, 30, 59));
    }

    /// <summary>
    /// Item 59 was clicked by nobody: no list holds it, though a score of 0 would be better than many.
    /// </summary>
    [Theory]
    [MemberData(nameof(Rankers))]
    public void What_nobody_clicked_is_in_no_list(string name)
    {
        var ranker = Create(name, Items - 2);
        RankingCase[] cases =
        [
            .. Enumerable.Range(1, 40).Select(item => new RankingCase(item, new[] { item, 59 }, Items - 1)),
        ];
        var eligible = new Eligibility(ExcludeSeen: false, Kept: 9);
        int[] ranks = new int[cases.Length],
            top = new int[Items];

        ranker.Rank(cases, eligible, ranks);

        Assert.All(ranks, rank => Assert.Equal(RankingMetrics.Miss, rank));
        Assert.All(cases, asked => Assert.DoesNotContain(59, top[..ranker.List(asked, eligible, top)]));
    }

    /// <summary>A list of many items costs a search, and not the layout of all of them anew.</summary>
    [Fact]
    public void A_list_is_searched_in_what_is_there()
    {
        const int items = 20_000;
        var ranker = new MatrixFactorizationRanker(
            [
                .. Enumerable
                    .Range(0, 40)
                    .Select(user => new ReadOnlyMemory<int>([
                        .. Enumerable.Range(1, items / 40).Select(at => at + (user * items / 40)),
                    ])),
            ],
            items
        );
        var top = new int[10];
        var asked = new RankingCase(0, new[] { 3 }, 1);
        ranker.List(asked, default, top);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(10, ranker.List(asked, default, top));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, items * sizeof(float));
    }

    [Fact]
    public void A_cancelled_ranker_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        ReadOnlyMemory<int>[] sequences = [new[] { 1, 2 }, new[] { 2, 3 }];

        Assert.ThrowsAny<OperationCanceledException>(() =>
            new MatrixFactorizationRanker(sequences, 3, cancel: cancelled.Token)
        );
        Assert.ThrowsAny<OperationCanceledException>(() => new ItemToItemRanker(sequences, 3, cancelled.Token));
    }

    [Fact]
    public void Dense_ranks_are_those_of_a_plain_scan()
    {
        const int count = 5000,
            d = 16;
        var random = new Random(4);
        float[] vectors = [.. new float[d], .. Enumerable.Range(0, count * d).Select(_ => (float)random.Next(-3, 4))];
        float[] biases = [0, .. Enumerable.Range(0, count).Select(_ => (float)random.Next(3))];
        var ranking = new DenseRanking(vectors, d, biases);
        float[] users = [.. Enumerable.Range(0, 100 * d).Select(_ => (float)random.Next(-2, 3))];
        int[] targets = [.. Enumerable.Range(0, 100).Select(at => at == 50 ? 0 : random.Next(1, count + 1))];
        int[][] excluded =
        [
            .. targets.Select(target =>
                new HashSet<int>([target, .. Enumerable.Range(0, 40).Select(_ => random.Next(1, count + 1))]).ToArray()
            ),
        ];
        var ranks = new int[100];
        ranking.Rank(users, targets, excluded, ranks);

        for (int at = 0; at < ranks.Length; at++)
        {
            float[] scores =
            [
                .. Enumerable
                    .Range(0, count + 1)
                    .Select(item =>
                        biases[item] + Enumerable.Range(0, d).Sum(k => users[(at * d) + k] * vectors[(item * d) + k])
                    ),
            ];
            Assert.Equal(
                targets[at] == 0 ? RankingMetrics.Miss : RankingMetrics.RankOf(scores, targets[at], excluded[at]),
                ranks[at]
            );
        }
    }

    private static ICaseRanker Create(string name, int highest = Items - 1)
    {
        var random = new Random(2);
        ReadOnlyMemory<int>[] sequences =
        [
            .. Enumerable
                .Range(0, 300)
                .Select(user => new ReadOnlyMemory<int>([
                    .. Enumerable
                        .Range(0, 12)
                        .Select(_ => user % 2 == 0 ? random.Next(1, 30) : random.Next(30, highest + 1)),
                ])),
        ];
        return name == "item-to-item"
            ? new ItemToItemRanker(sequences, Items - 1)
            : new MatrixFactorizationRanker(sequences, Items - 1);
    }
}
