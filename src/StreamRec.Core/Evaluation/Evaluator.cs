using StreamRec.Ranking;

namespace StreamRec.Evaluation;

/// <summary>Puts the same questions to several rankers.</summary>
/// <param name="catalogue">The items, by the cases' indices.</param>
/// <param name="eligible">
/// What a list may hold. A target that it may not hold is a miss for all, as it is for whoever serves such lists.
/// </param>
/// <param name="isNew">Whether a user has no event in the training part; null: not known.</param>
public sealed class Evaluator(
    ItemStatistics catalogue,
    Eligibility eligible,
    Func<int, bool>? isNew = null,
    CancellationToken cancel = default
)
{
    /// <summary>The most lists that list figures are taken from.</summary>
    public const int MostLists = 2000;

    private const int ListLength = 10;
    private static readonly int[] LengthBounds = [5, 10, 20, 50, 100, 200];

    /// <summary>What is asked, of cases or of the judged ones of a stream.</summary>
    public CaseSummary Summary(IReadOnlyList<RankingCase> cases) =>
        new(
            cases.Count,
            cases.Select(asked => asked.User).Distinct().Count(),
            cases.Count(asked => !Allows(asked)),
            cases.Count(asked => !catalogue.Knows(asked.Target)),
            isNew is null ? null : cases.Count(asked => isNew(asked.User))
        );

    /// <summary>The events of a stream that are judged: those of users with a history.</summary>
    public static RankingCase[] Judged(IReadOnlyList<RankingCase> stream) => [.. stream.Where(IsJudged)];

    /// <summary>Cases that do not depend on each other.</summary>
    public IReadOnlyList<RankerEvaluation> OnCases(
        IReadOnlyList<ICaseRanker> rankers,
        IReadOnlyList<RankingCase> cases
    ) =>
        [
            .. rankers.Select(ranker =>
            {
                var ranks = new int[cases.Count];
                ranker.Rank(cases, eligible, ranks, cancel);
                var lists = new ListSample(catalogue, cases);
                for (var at = 0; at < lists.Size; at++)
                {
                    cancel.ThrowIfCancellationRequested();
                    lists.Add(ranker, lists.CaseAt(at), eligible);
                }
                return Result(ranker, cases, ranks, lists);
            }),
        ];

    /// <summary>
    /// Test, then learn: every event of a user with a history is first a case; then the rankers observe it. A ranker
    /// that does not learn is asked in one go.
    /// </summary>
    /// <param name="learning">Rankers that observe the stream; they have already observed what came before it.</param>
    /// <param name="stream">Every event of the stream in order, as a case with its history.</param>
    public IReadOnlyList<RankerEvaluation> OnStream(
        IReadOnlyList<ICaseRanker> fixedRankers,
        IReadOnlyList<ICaseRanker> learning,
        IReadOnlyList<RankingCase> stream
    )
    {
        RankingCase[] judged = Judged(stream);
        IReadOnlyList<RankerEvaluation> results = OnCases(fixedRankers, judged);
        return [.. results, .. learning.Select(ranker => OnStream(ranker, stream, judged))];
    }

    private static bool IsJudged(RankingCase asked) => asked.History.Length > 0;

    private RankerEvaluation OnStream(ICaseRanker ranker, IReadOnlyList<RankingCase> stream, RankingCase[] judged)
    {
        var ranks = new int[judged.Length];
        var lists = new ListSample(catalogue, judged);
        int at = 0,
            listed = 0;
        foreach (RankingCase asked in stream)
        {
            if (IsJudged(asked))
            {
                ranker.Rank([asked], eligible, ranks.AsSpan(at, 1), cancel);
                if (listed < lists.Size && lists.IndexAt(listed) == at)
                {
                    lists.Add(ranker, asked, eligible);
                    listed++;
                }
                at++;
            }
            ranker.Observe(asked.User, asked.Last, asked.Target);
        }
        return Result(ranker, judged, ranks, lists);
    }

    private bool Allows(RankingCase asked) => eligible.Allows(asked.History.Span, asked.Target);

    private RankerEvaluation Result(ICaseRanker ranker, IReadOnlyList<RankingCase> cases, int[] ranks, ListSample lists)
    {
        var all = new RankingMetrics();
        var slices = new Dictionary<string, RankingMetrics>();
        for (var at = 0; at < ranks.Length; at++)
        {
            RankingCase asked = cases[at];

            // What no ranker was trained on is a miss for all, wherever a ranker would put it.
            var rank = catalogue.Knows(asked.Target) && Allows(asked) ? ranks[at] : RankingMetrics.Miss;
            all.Add(rank, asked.User);
            foreach (var slice in SlicesOf(asked))
            {
                slices.TryAdd(slice, new RankingMetrics());
                slices[slice].Add(rank, asked.User);
            }
        }
        return new RankerEvaluation
        {
            Ranker = ranker.Name,
            Metrics = all,
            Lists = lists.Figures(),
            Slices = slices,
        };
    }

    private IEnumerable<string> SlicesOf(RankingCase asked)
    {
        yield return LengthSlice(asked.History.Length);
        if (catalogue.Counted)
        {
            yield return "target " + catalogue.PopularityOf(asked.Target);
        }
        if (isNew is not null)
        {
            yield return isNew(asked.User) ? "user new" : "user known";
        }
    }

    private static string LengthSlice(int length)
    {
        var place = Array.FindIndex(LengthBounds, bound => length < bound);
        var low =
            place < 0 ? LengthBounds[^1]
            : place == 0 ? 1
            : LengthBounds[place - 1];
        return place < 0 ? $"history {low}+" : $"history {low}-{LengthBounds[place] - 1}";
    }

    /// <summary>Lists of evenly chosen cases, summed up as they come.</summary>
    private sealed class ListSample(ItemStatistics catalogue, IReadOnlyList<RankingCase> cases)
    {
        private readonly HashSet<int> _listed = [];
        private double _counts,
            _targets,
            _similarity;
        private int _items,
            _lists,
            _pairs;

        public int Size { get; } = Math.Min(MostLists, cases.Count);

        public int IndexAt(int at) => (int)((long)at * cases.Count / Size);

        public RankingCase CaseAt(int at) => cases[IndexAt(at)];

        public void Add(ICaseRanker ranker, in RankingCase asked, Eligibility eligible)
        {
            Span<int> top = stackalloc int[ListLength];
            top = top[..ranker.List(asked, eligible, top)];
            _lists++;
            _targets += catalogue.Counts[asked.Target];
            for (var place = 0; place < top.Length; place++)
            {
                _items++;
                _counts += catalogue.Counts[top[place]];
                if (catalogue.Knows(top[place]))
                {
                    _listed.Add(top[place]);
                }
                for (var before = 0; before < place; before++)
                {
                    if (catalogue.Similarity(top[before], top[place]) is double cosine)
                    {
                        _similarity += cosine;
                        _pairs++;
                    }
                }
            }
        }

        public ListFigures? Figures() =>
            _items == 0
                ? null
                : new ListFigures(
                    _lists,
                    _listed.Count / (double)Math.Max(1, catalogue.Known),
                    _targets == 0 ? null : _counts / _items / (_targets / _lists),
                    _pairs == 0 ? null : _similarity / _pairs
                );
    }
}
