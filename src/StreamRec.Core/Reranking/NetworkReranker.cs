namespace StreamRec.Reranking;

/// <summary>
/// Puts the best candidates of the first pass into the order of a network that sees what an inner product cannot. One
/// thread at a time; allocates nothing. A pure function of the history and the candidates.
/// </summary>
/// <param name="candidates">M: those behind the M-th keep their places.</param>
/// <param name="features">The network's, in its order.</param>
/// <param name="window">W.</param>
public sealed class NetworkReranker(
    RerankingTables tables,
    RerankingNetwork network,
    IReadOnlyList<string> features,
    int candidates,
    int window
)
{
    private readonly CandidateFeatures _features = new(tables);
    private readonly int[] _history = new int[RerankingTables.MostHistory];
    private readonly float[] _scores = new float[CandidateFeatures.Stride];
    private readonly int[] _items = new int[CandidateFeatures.Stride];
    private readonly float[] _keys = new float[CandidateFeatures.Stride];
    private float[][]? _columns;

    /// <summary>M.</summary>
    public int Candidates => candidates;

    /// <summary>The network's scores of the candidates as they lay before the last re-ranking.</summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <summary>
    /// Reorders the first M by the network's scores, which take the place of theirs; equal ones stay as they lay. Those
    /// behind keep their distances to the M-th, below the least of them: the list's scores descend.
    /// </summary>
    /// <param name="history">Items, oldest first, 0 for those that the model does not know.</param>
    /// <param name="items">Candidates, best first, none twice.</param>
    /// <param name="scores">Theirs by the first pass; as many.</param>
    /// <returns>False: a score of the network is not finite, and all is left as it was.</returns>
    public bool Rerank(ReadOnlySpan<int> history, Span<int> items, Span<float> scores)
    {
        var count = Math.Min(candidates, items.Length);
        if (count == 0)
        {
            return true;
        }
        var known = RerankingTables.Recent(history, window, _history);
        _features.Compute(_history.AsSpan(0, known), items[..count], scores[..count]);
        network.Score(_columns ??= _features.Columns(features), count, _scores);
        if (!AreFinite(_scores.AsSpan(0, count)))
        {
            return false;
        }
        for (var place = 0; place < count; place++)
        {
            (_items[place], _keys[place]) = (items[place], -_scores[place]);
        }
        Sort(count);
        var lowered = -_keys[count - 1] - scores[count - 1];
        for (var place = 0; place < count; place++)
        {
            (items[place], scores[place]) = (_items[place], -_keys[place]);
        }
        for (var place = count; place < items.Length; place++)
        {
            scores[place] = MathF.Min(scores[place] + lowered, scores[count - 1]);
        }
        return true;
    }

    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }
        return true;
    }

    // By insertion: the first pass' order is near to the network's, and equal ones must stay.
    private void Sort(int count)
    {
        for (var place = 1; place < count; place++)
        {
            var (key, item) = (_keys[place], _items[place]);
            var at = place - 1;
            for (; at >= 0 && _keys[at] > key; at--)
            {
                (_keys[at + 1], _items[at + 1]) = (_keys[at], _items[at]);
            }
            (_keys[at + 1], _items[at + 1]) = (key, item);
        }
    }
}
