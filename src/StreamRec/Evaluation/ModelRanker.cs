using System.Numerics.Tensors;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Ranking;
using StreamRec.Reranking;
using StreamRec.Serving;
using StreamRec.Training.Evaluation;

namespace StreamRec.Evaluation;

/// <summary>
/// A bundle as the worker serves it: a <see cref="ServingModel"/>, whose users have the cases' histories. A user of
/// whom the model knows no item, or whose vector no list can be made of, gets what a reader falls back to, the popular
/// list.
/// </summary>
internal sealed class ModelRanker : ICaseRanker, IDisposable
{
    private const int Chunk = 4096;
    private readonly ItemUnion? _items;
    private readonly int _dimension;
    private readonly ServingModel _model;
    private readonly HistoryEncoding _encoding;
    private readonly DenseRanking _ranking;
    private readonly int[] _popular,
        _popularRank;
    private readonly NetworkReranker? _reranker;

    /// <param name="items">The cases' indices; null: the cases' are the bundle's.</param>
    public ModelRanker(Bundle bundle, ItemUnion? items = null)
    {
        (_items, _dimension) = (items, bundle.Manifest.Dimension);
        var options = new ServingOptions { Sequence = new() { Kept = Recommender.LeastKept(bundle) } };
        _model = new ServingModel(bundle, new ServedEncoder(bundle), options);
        _encoding = new HistoryEncoding(_model);
        _ranking = new DenseRanking(bundle.Vectors, _dimension, bundle.Biases);
        _popular = PopularItems.InOrder(bundle.Counts, bundle.Popularity);
        _popularRank = new int[_popular.Length + 1];
        for (var place = 0; place < _popular.Length; place++)
        {
            _popularRank[_popular[place]] = place + 1;
        }
    }

    // The same model, with a network behind it.
    private ModelRanker(ModelRanker model, NetworkReranker reranker)
    {
        (_items, _dimension, _model, _encoding) = (model._items, model._dimension, model._model, model._encoding);
        (_ranking, _popular, _popularRank) = (model._ranking, model._popular, model._popularRank);
        _reranker = reranker;
    }

    public string Name => _reranker is null ? "model" : "model+network";

    /// <summary>
    /// The same model with its best items re-ranked by the bundle's network, usable as long as this is not disposed of.
    /// </summary>
    public ModelRanker With(NetworkReranker reranker) => new(this, reranker);

    /// <summary>What encodes: <c>step</c> or <c>rerun</c>.</summary>
    public string Way => _model.HasSteps ? "step" : "rerun";

    /// <summary>Cases that were ranked by the popular list.</summary>
    public int Fallbacks { get; private set; }

    public void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    )
    {
        // A user's cases one after the other: they go on from each other's state.
        int[] order =
        [
            .. Enumerable.Range(0, cases.Count).OrderBy(at => cases[at].User).ThenBy(at => cases[at].History.Length),
        ];
        Fallbacks = 0;
        foreach (var chunk in order.Chunk(Chunk))
        {
            RankingCase[] asked = [.. chunk.Select(at => cases[at])];
            var result = Rank(asked, eligible, cancel);
            for (var place = 0; place < chunk.Length; place++)
            {
                ranks[chunk[place]] = result[place];
            }
        }
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top)
    {
        var user = new float[_dimension];
        var found = Math.Min(top.Length, _popular.Length);
        if (_encoding.Encode([History(asked)], user)[0])
        {
            found = Best(asked, eligible, user, top);
        }
        else
        {
            _popular.AsSpan(0, found).CopyTo(top);
        }
        for (var place = 0; _items is not null && place < found; place++)
        {
            top[place] = _items.FromBundle(top[place]);
        }
        return found;
    }

    /// <summary>
    /// Shows the best candidates of each case, which is by the bundle's indices then, as the worker has them before it
    /// varies a list. One that gets the popular list is shown that, and no scores.
    /// </summary>
    /// <param name="most">Candidates of a case.</param>
    public void Candidates(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        int most,
        Action<RankingCase, ReadOnlyMemory<int>, ReadOnlyMemory<float>> show,
        CancellationToken cancel = default
    )
    {
        var items = new int[Math.Max(most, _reranker?.Candidates ?? 0)];
        var scores = new float[items.Length];
        foreach (var asked in cases.OrderBy(one => one.User).ThenBy(one => one.History.Length).Chunk(Chunk))
        {
            var users = new float[asked.Length * _dimension];
            var usable = _encoding.Encode([.. asked.Select(History)], users, cancel);
            for (var at = 0; at < asked.Length; at++)
            {
                RankingCase own = new(asked[at].User, History(asked[at]), Known(asked[at].Target));
                if (!usable[at])
                {
                    show(own, _popular.AsMemory(0, Math.Min(most, _popular.Length)), default);
                    continue;
                }
                var found = Candidates(asked[at], eligible, users.AsSpan(at * _dimension, _dimension), items, scores);
                show(own, items.AsMemory(0, found), scores.AsMemory(0, found));
            }
        }
    }

    public void Observe(int user, int previous, int item) { }

    public void Dispose() => _model.Dispose();

    private int[] Rank(RankingCase[] asked, Eligibility eligible, CancellationToken cancel)
    {
        int[] targets = [.. asked.Select(one => Known(one.Target))];
        var users = new float[asked.Length * _dimension];
        var usable = _encoding.Encode([.. asked.Select(History)], users, cancel);
        var ranks = new int[asked.Length];
        _ranking.Rank(users, targets, [.. asked.Select(one => Excluded(one, eligible))], ranks);
        for (var at = 0; at < ranks.Length; at++)
        {
            if (!usable[at])
            {
                ranks[at] = targets[at] > 0 ? _popularRank[targets[at]] : RankingMetrics.Miss;
                Fallbacks++;
            }
            else if (_reranker is not null && ranks[at] <= _reranker.Candidates)
            {
                ReadOnlySpan<float> user = users.AsSpan(at * _dimension, _dimension);
                ranks[at] = Reranked(_reranker, asked[at], eligible, user, ranks[at]);
            }
        }
        return ranks;
    }

    // As the worker makes a list.
    private int Best(in RankingCase asked, Eligibility eligible, ReadOnlySpan<float> user, Span<int> top)
    {
        var items = new int[Math.Max(top.Length, _reranker?.Candidates ?? 0)];
        var found = Math.Min(Candidates(asked, eligible, user, items, new float[items.Length]), top.Length);
        items.AsSpan(0, found).CopyTo(top);
        return found;
    }

    private int Candidates(
        in RankingCase asked,
        Eligibility eligible,
        ReadOnlySpan<float> user,
        Span<int> items,
        Span<float> scores
    )
    {
        var found = _model.Search(user, Excluded(asked, eligible), items, scores);
        _reranker?.Rerank(History(asked).Span, items[..found], scores[..found]);
        return found;
    }

    // A target that is no candidate for a tie with the last one keeps its rank: ties count against it.
    private int Reranked(
        NetworkReranker reranker,
        in RankingCase asked,
        Eligibility eligible,
        ReadOnlySpan<float> user,
        int rank
    )
    {
        var items = new int[reranker.Candidates];
        var scores = new float[items.Length];
        var found = _model.Search(user, Excluded(asked, eligible), items, scores);
        var place = items.AsSpan(0, found).IndexOf(Known(asked.Target));
        if (place < 0 || !reranker.Rerank(History(asked).Span, items.AsSpan(0, found), scores.AsSpan(0, found)))
        {
            return rank;
        }
        var learnt = reranker.Scores;
        var above = 0;
        for (var other = 0; other < found; other++)
        {
            above += learnt[other] < learnt[place] ? 0 : 1;
        }
        return above;
    }

    private int Known(int item) => _items is null ? item : _items.ToBundle(item);

    private ReadOnlyMemory<int> History(RankingCase asked) =>
        _items is null ? asked.History : Translated(asked.History.Span);

    private int[] Excluded(RankingCase asked, Eligibility eligible) =>
        [.. new HashSet<int>(Translated(eligible.Excluded(asked.History.Span))).Where(item => item > 0)];

    private int[] Translated(ReadOnlySpan<int> history)
    {
        var known = history.ToArray();
        for (var at = 0; at < known.Length; at++)
        {
            known[at] = Known(known[at]);
        }
        return known;
    }
}
