using System.Numerics.Tensors;
using StreamRec.Encoders;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Numerics.Search;
using StreamRec.Onnx;
using StreamRec.Ranking;
using StreamRec.Reranking;
using StreamRec.Training.Evaluation;

namespace StreamRec.Evaluation;

/// <summary>
/// A bundle as the worker serves it: the block of the sequence, encoded as the worker does, inner products with all
/// items. A user of whom the model knows no item, or whose vector no list can be made of, gets what a reader falls back
/// to, the popular list.
/// </summary>
internal sealed class ModelRanker : ICaseRanker, IDisposable
{
    private const int Chunk = 4096;
    private readonly ItemUnion? _items;
    private readonly int _window,
        _dimension;
    private readonly ServedEncoder _served;
    private readonly VectorLimit _limit;
    private readonly CaseEncoder _encoder;
    private readonly DenseRanking _ranking;
    private readonly TopN _topN;
    private readonly int[] _popular,
        _popularRank;
    private readonly NetworkReranker? _reranker;

    /// <param name="items">The cases' indices; null: the cases' are the bundle's.</param>
    public ModelRanker(Bundle bundle, ItemUnion? items = null)
    {
        (_items, _window, _dimension) = (items, bundle.Manifest.Window, bundle.Manifest.Dimension);
        (_served, _limit) = (new ServedEncoder(bundle), new VectorLimit(bundle));
        _encoder = new CaseEncoder(_served.Whole, _served.OpenStep);
        _ranking = new DenseRanking(bundle.Vectors, _dimension, bundle.Biases);
        _topN = new TopN(bundle.Vectors, _dimension, bundle.Biases);
        _popular = PopularItems.InOrder(bundle.Counts);
        _popularRank = new int[_popular.Length + 1];
        for (int place = 0; place < _popular.Length; place++)
        {
            _popularRank[_popular[place]] = place + 1;
        }
    }

    // The same model, with a network behind it.
    private ModelRanker(ModelRanker model, NetworkReranker reranker)
    {
        (_items, _window, _dimension) = (model._items, model._window, model._dimension);
        (_served, _limit, _encoder) = (model._served, model._limit, model._encoder);
        (_ranking, _topN, _popular, _popularRank) = (model._ranking, model._topN, model._popular, model._popularRank);
        _reranker = reranker;
    }

    public string Name => _reranker is null ? "model" : "model+network";

    /// <summary>
    /// The same model with its best items re-ranked by the bundle's network; it is usable as long as this is not
    /// disposed of.
    /// </summary>
    public ModelRanker With(NetworkReranker reranker) => new(this, reranker);

    /// <summary>What encodes: <c>step</c> or <c>rerun</c>.</summary>
    public string Way => _served.OpenStep is null ? "rerun" : "step";

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
        foreach (int[] chunk in order.Chunk(Chunk))
        {
            RankingCase[] asked = [.. chunk.Select(at => cases[at])];
            int[] result = Rank(asked, eligible, cancel);
            for (int place = 0; place < chunk.Length; place++)
            {
                ranks[chunk[place]] = result[place];
            }
        }
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top)
    {
        ReadOnlyMemory<int> input = Input(asked);
        var user = new float[_dimension];
        if (input.Length > 0)
        {
            _encoder.Encode([input], user, CancellationToken.None);
        }

        int found = Math.Min(top.Length, _popular.Length);
        if (input.Length > 0 && _limit.Allows(user))
        {
            found = Best(asked, eligible, user, top);
        }
        else
        {
            _popular.AsSpan(0, found).CopyTo(top);
        }

        for (int place = 0; _items is not null && place < found; place++)
        {
            top[place] = _items.FromBundle(top[place]);
        }

        return found;
    }

    public void Observe(int user, int previous, int item) { }

    public void Dispose() => _served.Dispose();

    private int[] Rank(RankingCase[] asked, Eligibility eligible, CancellationToken cancel)
    {
        ReadOnlyMemory<int>[] inputs = [.. asked.Select(Input)];
        int[] targets = [.. asked.Select(one => Known(one.Target))];
        int[] encoded = [.. Enumerable.Range(0, asked.Length).Where(at => inputs[at].Length > 0)];
        var users = new float[encoded.Length * _dimension];
        _encoder.Encode([.. encoded.Select(at => inputs[at])], users, cancel);
        var ofEncoded = new int[encoded.Length];
        _ranking.Rank(
            users,
            [.. encoded.Select(at => targets[at])],
            [.. encoded.Select(at => Excluded(asked[at], eligible))],
            ofEncoded
        );
        int[] result = [.. targets.Select(target => target > 0 ? _popularRank[target] : RankingMetrics.Miss)];
        Fallbacks += asked.Length;
        for (int row = 0; row < encoded.Length; row++)
        {
            if (_limit.Allows(users.AsSpan(row * _dimension, _dimension)))
            {
                ReadOnlySpan<float> user = users.AsSpan(row * _dimension, _dimension);
                result[encoded[row]] = Reranked(asked[encoded[row]], eligible, user, ofEncoded[row]);
                Fallbacks--;
            }
        }

        return result;
    }

    private int Known(int item) => _items is null ? item : _items.ToBundle(item);

    // As the worker makes a list.
    private int Best(in RankingCase asked, Eligibility eligible, ReadOnlySpan<float> user, Span<int> top)
    {
        var items = new int[Math.Max(top.Length, _reranker?.Candidates ?? 0)];
        var scores = new float[items.Length];
        int found = _topN.Search(user, Excluded(asked, eligible), items, scores);
        _reranker?.Rerank(Kept(asked), items.AsSpan(0, found), scores.AsSpan(0, found));
        found = Math.Min(found, top.Length);
        items.AsSpan(0, found).CopyTo(top);
        return found;
    }

    // A target that ties with the last candidate is no candidate: ties count against it.
    private int Reranked(in RankingCase asked, Eligibility eligible, ReadOnlySpan<float> user, int rank)
    {
        if (_reranker is null || rank > _reranker.Candidates)
        {
            return rank;
        }

        var items = new int[_reranker.Candidates];
        var scores = new float[items.Length];
        int found = _topN.Search(user, Excluded(asked, eligible), items, scores);
        int place = items.AsSpan(0, found).IndexOf(Known(asked.Target));
        if (place < 0 || !_reranker.Rerank(Kept(asked), items.AsSpan(0, found), scores.AsSpan(0, found)))
        {
            return rank;
        }

        ReadOnlySpan<float> learnt = _reranker.Scores;
        int above = 0;
        for (int other = 0; other < found; other++)
        {
            above += learnt[other] < learnt[place] ? 0 : 1;
        }

        return above;
    }

    private ReadOnlyMemory<int> Input(RankingCase asked) =>
        EncodingWindow.Input(Kept(asked), asked.History.Length, _window);

    private int[] Kept(in RankingCase asked)
    {
        ReadOnlySpan<int> history = asked.History.Span;
        return Translated(history[^Math.Min(history.Length, Eligibility.LeastKept(_window))..]);
    }

    private int[] Excluded(RankingCase asked, Eligibility eligible) =>
        [.. new HashSet<int>(Translated(eligible.Excluded(asked.History.Span))).Where(item => item > 0)];

    private int[] Translated(ReadOnlySpan<int> history)
    {
        int[] known = history.ToArray();
        for (int at = 0; at < known.Length; at++)
        {
            known[at] = Known(known[at]);
        }

        return known;
    }
}
