using StreamRec.Evaluation;
using StreamRec.Ranking;

namespace StreamRec.Tests.Evaluation;

public class EvaluatorTests
{
    private static readonly Eligibility All = new(ExcludeSeen: false, Kept: 7),
        Unseen = new(ExcludeSeen: true, Kept: 7);
    private static readonly ItemStatistics Catalogue = new([0, 6, 3, 1, 0], item => new float[] { item, 1 });

    [Fact]
    public void Targets_that_were_never_trained_on_are_misses()
    {
        RankingCase[] cases = [new(0, new[] { 1 }, 2), new(1, new[] { 1 }, 4)];
        var evaluator = new Evaluator(Catalogue, All);

        var result = Assert.Single(evaluator.OnCases([new FirstAlways()], cases));

        Assert.Equal(2, result.Metrics.Count);
        Assert.Equal(0.5, result.Metrics.HitRate(10), 12);
        Assert.Equal(0, result.Slices["target unseen"].HitRate(10));
        Assert.Equal(1, result.Slices["target middle"].HitRate(10));
        Assert.Equal(new CaseSummary(2, 2, 0, 1, null), evaluator.Summary(cases));
    }

    /// <summary>
    /// A list that leaves seen items out holds no target that was seen, wherever a ranker would put it.
    /// </summary>
    [Fact]
    public void Targets_that_lists_leave_out_are_misses_and_are_counted()
    {
        RankingCase[] cases = [new(0, new[] { 1, 2, 3 }, 2), new(0, new[] { 2, 3, 3 }, 2), new(1, new[] { 3 }, 2)];
        var lastTwo = new Evaluator(Catalogue, new Eligibility(ExcludeSeen: true, Kept: 2));

        var result = Assert.Single(lastTwo.OnCases([new FirstAlways()], cases));

        Assert.Equal(2 / 3.0, result.Metrics.HitRate(10), 12);
        Assert.Equal(new CaseSummary(3, 2, 1, 0, null), lastTwo.Summary(cases));
        Assert.Equal(2, new Evaluator(Catalogue, Unseen).Summary(cases).ExcludedTargets);
        Assert.Equal(
            1,
            Assert.Single(new Evaluator(Catalogue, All).OnCases([new FirstAlways()], cases)).Metrics.HitRate(10)
        );
    }

    /// <summary>Lists of 1 and 2: both of three known items; counts 6 and 3 against targets of 3.</summary>
    [Fact]
    public void List_figures()
    {
        RankingCase[] cases = [new(0, new[] { 1 }, 2), new(1, new[] { 3 }, 2)];

        var lists = new Evaluator(Catalogue, All).OnCases([new FirstAlways()], cases)[0].Lists!;

        Assert.Equal(2, lists.Lists);
        Assert.Equal(2 / 3.0, lists.Coverage, 12);
        Assert.Equal(4.5 / 3, lists.PopularityBias!.Value, 12);
        Assert.Equal(3 / Math.Sqrt(2 * 5), lists.Similarity!.Value, 6);
    }

    /// <summary>
    /// A model that says nothing of counts is judged all the same; what would need them has no figure.
    /// </summary>
    [Fact]
    public void Without_counts_what_the_model_knows_is_known()
    {
        RankingCase[] cases = [new(0, new[] { 1 }, 2), new(1, new[] { 1 }, 4)];
        var uncounted = new ItemStatistics([0, 0, 0, 0, 0], _ => default, item => item < 4);

        var result = Assert.Single(new Evaluator(uncounted, All).OnCases([new FirstAlways()], cases));

        Assert.Equal(0.5, result.Metrics.HitRate(10), 12);
        Assert.Equal(new ListFigures(2, 2 / 3.0, null, null), result.Lists);
        Assert.Equal(["history 1-4"], result.Slices.Keys);
    }

    [Fact]
    public void A_stream_is_asked_before_it_is_learned()
    {
        RankingCase[] stream =
        [
            new(7, Array.Empty<int>(), 1),
            new(7, new[] { 1 }, 2),
            new(7, new[] { 1, 2 }, 1),
            new(7, new[] { 1, 2, 1 }, 2),
        ];
        RankerEvaluation Markov(Eligibility eligible, Func<int, bool>? isNew = null) =>
            Assert.Single(
                new Evaluator(Catalogue, eligible, isNew).OnStream(
                    [],
                    [new StreamCaseRanker("markov", new MarkovRanker())],
                    stream
                )
            );

        RankerEvaluation all = Markov(All),
            unseen = Markov(Unseen, user => user == 7);

        // 2 is new, 1 ties with 2 in popularity, and after 1 came 2.
        Assert.Equal(3, all.Metrics.Count);
        Assert.Equal((0.5 + 1) * 1 / 3, all.Metrics.Mrr(10), 12);

        // The last two targets were seen.
        Assert.Equal(3, unseen.Metrics.Count);
        Assert.Equal(0, unseen.Metrics.Mrr(10));
        Assert.Equal(3, unseen.Slices["user new"].Count);
    }

    [Fact]
    public void A_cancelled_evaluation_ends()
    {
        using var cancel = new CancellationTokenSource();
        RankingCase[] stream = [new(0, new[] { 1 }, 2), new(0, new[] { 1, 2 }, 3)];
        var counting = new CancelsAfterOne(cancel);
        var evaluator = new Evaluator(Catalogue, All, cancel: cancel.Token);

        Assert.ThrowsAny<OperationCanceledException>(() => evaluator.OnStream([], [counting], stream));
        Assert.Equal(1, counting.Asked);
        Assert.ThrowsAny<OperationCanceledException>(() => evaluator.OnCases([new FirstAlways()], stream));
    }

    private sealed class CancelsAfterOne(CancellationTokenSource cancel) : ICaseRanker
    {
        public int Asked { get; private set; }

        public string Name => "cancels";

        public void Rank(
            IReadOnlyList<RankingCase> cases,
            Eligibility eligible,
            Span<int> ranks,
            CancellationToken token = default
        )
        {
            token.ThrowIfCancellationRequested();
            Asked++;
            cancel.Cancel();
        }

        public int List(in RankingCase asked, Eligibility eligible, Span<int> top) => 0;

        public void Observe(int user, int previous, int item) { }
    }

    private sealed class FirstAlways : ICaseRanker
    {
        public string Name => "first";

        public void Rank(
            IReadOnlyList<RankingCase> cases,
            Eligibility eligible,
            Span<int> ranks,
            CancellationToken cancel = default
        ) => ranks.Fill(1);

        public int List(in RankingCase asked, Eligibility eligible, Span<int> top)
        {
            (top[0], top[1]) = (1, 2);
            return 2;
        }

        public void Observe(int user, int previous, int item) { }
    }
}
