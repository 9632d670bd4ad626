using StreamRec.Bundles;
using StreamRec.Encoding;
using StreamRec.Onnx;
using StreamRec.Ranking;
using StreamRec.Training.Evaluation;

namespace StreamRec.Evaluation;

/// <summary>
/// A bundle as the worker serves it: the block of the sequence, encoder.onnx in ONNX Runtime, inner products with all items.
/// A bundle whose steps say something else is refused. A user of whom the model knows no item, or has no usable vector, gets
/// what a reader falls back to, the popular list.
/// </summary>
internal sealed class ModelRanker : ICaseRanker, IDisposable
{
    private const int Batch = 256;
    private readonly Bundle _bundle;
    private readonly int[]? _indices;
    private readonly ServedEncoder _encoder;
    private readonly VectorLimit _limit;
    private readonly DenseRanking _ranking;
    private readonly TopN _topN;
    private readonly StreamCaseRanker _fallback;

    /// <param name="indices">The bundle's index of each of the cases' items, 0 where it lacks one; null: the cases' are the bundle's.</param>
    public ModelRanker(Bundle bundle, int[]? indices)
    {
        (_bundle, _indices) = (bundle, indices);
        (_encoder, _limit) = (new ServedEncoder(bundle), new VectorLimit(bundle));
        _ranking = new DenseRanking(bundle.Vectors, bundle.Manifest.Dimension, bundle.Biases);
        _topN = new TopN(bundle.Vectors, bundle.Manifest.Dimension, bundle.Biases);
        _fallback = new StreamCaseRanker("popularity", PopularityRanker.FromCounts(bundle.Counts));
    }

    public string Name => "model";

    public void Rank(IReadOnlyList<RankingCase> cases, bool filterSeen, Span<int> ranks)
    {
        int d = _bundle.Manifest.Dimension;
        RankingCase[] known = [.. cases.Select(Translated)];
        ReadOnlyMemory<int>[] inputs = [.. known.Select(Input)];
        int[] order = [.. Enumerable.Range(0, known.Length).Where(at => inputs[at].Length > 0).OrderBy(at => inputs[at].Length)];
        var users = new float[known.Length * d];
        var usable = new bool[known.Length];
        try
        {
            Parallel.ForEach(order.Chunk(Batch), own =>
            {
                var vectors = new float[own.Length * d];
                _encoder.Whole.Encode([.. own.Select(at => inputs[at])], vectors);
                for (int row = 0; row < own.Length; row++)
                {
                    vectors.AsSpan(row * d, d).CopyTo(users.AsSpan(own[row] * d));
                    usable[own[row]] = _limit.Allows(vectors.AsSpan(row * d, d));
                }
            });
        }
        catch (AggregateException fault) when (fault.InnerException is EncoderFailedException inner)
        {
            throw new StreamRecException(inner.Message, ExitCode.BadInput, inner);
        }

        var result = new int[known.Length];
        _ranking.Rank(
            users, [.. known.Select(asked => asked.Target)], [.. known.Select(asked => filterSeen ? Seen(asked) : [])], result);
        for (int at = 0; at < known.Length; at++)
        {
            if (!usable[at])
            {
                _fallback.Rank([known[at]], filterSeen, result.AsSpan(at, 1));
            }
        }

        result.CopyTo(ranks);
    }

    public int List(in RankingCase asked, bool filterSeen, Span<int> top)
    {
        RankingCase known = Translated(asked);
        ReadOnlyMemory<int> input = Input(known);
        var user = new float[_bundle.Manifest.Dimension];
        if (input.Length > 0)
        {
            _encoder.Whole.Encode([input], user);
        }

        int found = input.Length > 0 && _limit.Allows(user)
            ? _topN.Search(user, filterSeen ? Seen(known) : [], top, new float[top.Length])
            : _fallback.List(known, filterSeen, top);

        for (int place = 0; _indices is not null && place < found; place++)
        {
            top[place] = Array.IndexOf(_indices, top[place]);
        }

        return found;
    }

    public void Observe(int user, int previous, int item)
    {
    }

    public void Dispose() => _encoder.Dispose();

    private static int[] Seen(RankingCase known) => [.. new HashSet<int>(known.History.ToArray()).Where(item => item > 0)];

    private ReadOnlyMemory<int> Input(RankingCase known) =>
        Blocks.Input(known.History.Span, known.History.Length, _bundle.Manifest.Window);

    private RankingCase Translated(RankingCase asked)
    {
        if (_indices is null)
        {
            return asked;
        }

        int[] history = asked.History.ToArray();
        for (int at = 0; at < history.Length; at++)
        {
            history[at] = _indices[history[at]];
        }

        return asked with { History = history, Target = _indices[asked.Target] };
    }
}
