namespace StreamRec.Evaluation;

/// <summary>Puts the same questions to several rankers.</summary>
/// <param name="catalogue">The items, by the cases' indices.</param>
/// <param name="filterSeen">Leave items of the history out of rankings and lists.</param>
public sealed class Evaluator(ItemCatalogue catalogue, bool filterSeen)
{
    /// <summary>The most lists that list figures are taken from.</summary>
    public const int MostLists = 2000;

    private const int ListLength = 10;
    private static readonly int[] LengthBounds = [5, 10, 20, 50, 100, 200];

    /// <summary>Cases that do not depend on each other.</summary>
    public IReadOnlyList<RankerEvaluation> OnCases(IReadOnlyList<ICaseRanker> rankers, IReadOnlyList<RankingCase> cases) =>
        [.. rankers.Select(ranker =>
        {
            var ranks = new int[cases.Count];
            ranker.Rank(cases, filterSeen, ranks);
            var lists = new ListSample(catalogue, cases);
            for (int at = 0; at < lists.Size; at++)
            {
                lists.Add(ranker, lists.CaseAt(at), filterSeen);
            }

            return Result(ranker, cases, ranks, lists);
        })];

    /// <summary>
    /// Test, then learn: every event of the stream is first a case, for users with a history and, with the filter, for an item
    /// that is new to the user; then the rankers observe it. A ranker that does not learn is asked in one go.
    /// </summary>
    /// <param name="learning">Rankers that observe the stream; they have already observed what came before it.</param>
    /// <param name="stream">Every event of the stream in order, as a case with its history.</param>
    public IReadOnlyList<RankerEvaluation> OnStream(
        IReadOnlyList<ICaseRanker> fixedRankers, IReadOnlyList<ICaseRanker> learning, IReadOnlyList<RankingCase> stream)
    {
        RankingCase[] judged = [.. stream.Where(IsJudged)];
        IReadOnlyList<RankerEvaluation> results = OnCases(fixedRankers, judged);
        return [.. results, .. learning.Select(ranker => OnStream(ranker, stream, judged))];
    }

    private RankerEvaluation OnStream(ICaseRanker ranker, IReadOnlyList<RankingCase> stream, RankingCase[] judged)
    {
        var ranks = new int[judged.Length];
        var lists = new ListSample(catalogue, judged);
        int at = 0, listed = 0;
        foreach (RankingCase asked in stream)
        {
            if (IsJudged(asked))
            {
                ranker.Rank([asked], filterSeen, ranks.AsSpan(at, 1));
                if (listed < lists.Size && lists.IndexAt(listed) == at)
                {
                    lists.Add(ranker, asked, filterSeen);
                    listed++;
                }

                at++;
            }

            ranker.Observe(asked.User, asked.Last, asked.Target);
        }

        return Result(ranker, judged, ranks, lists);
    }

    private bool IsJudged(RankingCase asked) =>
        asked.History.Length > 0 && !(filterSeen && asked.History.Span.Contains(asked.Target));

    private RankerEvaluation Result(ICaseRanker ranker, IReadOnlyList<RankingCase> cases, int[] ranks, ListSample lists)
    {
        var all = new RankingMetrics();
        var slices = new Dictionary<string, RankingMetrics>();
        for (int at = 0; at < ranks.Length; at++)
        {
            // What no ranker was trained on is a miss for all, wherever a ranker would put it.
            int rank = catalogue.Counts[cases[at].Target] > 0 ? ranks[at] : RankingMetrics.Miss;
            all.Add(rank);
            Slice(slices, LengthSlice(cases[at].History.Length)).Add(rank);
            Slice(slices, "target " + catalogue.PopularityOf(cases[at].Target)).Add(rank);
        }

        return new RankerEvaluation { Ranker = ranker.Name, Metrics = all, Lists = lists.Figures(), Slices = slices };
    }

    private static RankingMetrics Slice(Dictionary<string, RankingMetrics> slices, string name) =>
        slices.TryGetValue(name, out RankingMetrics? slice) ? slice : slices[name] = new RankingMetrics();

    private static string LengthSlice(int length)
    {
        int place = Array.FindIndex(LengthBounds, bound => length < bound);
        int low = place < 0 ? LengthBounds[^1] : place == 0 ? 1 : LengthBounds[place - 1];
        return place < 0 ? $"history {low}+" : $"history {low}-{LengthBounds[place] - 1}";
    }

    /// <summary>Lists of evenly chosen cases, summed up as they come.</summary>
    private sealed class ListSample(ItemCatalogue catalogue, IReadOnlyList<RankingCase> cases)
    {
        private readonly HashSet<int> _listed = [];
        private double _counts, _targets, _similarity;
        private int _items, _lists, _pairs;

        public int Size { get; } = Math.Min(MostLists, cases.Count);

        public int IndexAt(int at) => (int)((long)at * cases.Count / Size);

        public RankingCase CaseAt(int at) => cases[IndexAt(at)];

        public void Add(ICaseRanker ranker, in RankingCase asked, bool filterSeen)
        {
            Span<int> top = stackalloc int[ListLength];
            top = top[..ranker.List(asked, filterSeen, top)];
            _lists++;
            _targets += catalogue.Counts[asked.Target];
            for (int place = 0; place < top.Length; place++)
            {
                _items++;
                _counts += catalogue.Counts[top[place]];
                _listed.Add(top[place]);
                for (int before = 0; before < place; before++)
                {
                    if (catalogue.Similarity(top[before], top[place]) is double cosine)
                    {
                        _similarity += cosine;
                        _pairs++;
                    }
                }
            }
        }

        public ListFigures? Figures() => _items == 0 ? null : new ListFigures(
            _lists, _listed.Count / (double)Math.Max(1, catalogue.Known),
            _counts / _items / Math.Max(1e-9, _targets / _lists), _similarity / Math.Max(1, _pairs));
    }
}
