using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    private readonly float[] _ordered = new float[CandidateFeatures.Stride];
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
        var known = RerankingTables.Recent(history, window, _history, tables.Items);
        _features.Compute(_history.AsSpan(0, known), Known(items[..count]), scores[..count]);
        network.Score(_columns ??= _features.Columns(features), count, _scores);
        if (!AreFinite(_scores.AsSpan(0, count)))
        {
            return false;
        }
        Order(items[..count], _scores, _items, _ordered);
        var lowered = _ordered[count - 1] - scores[count - 1];
        _items.AsSpan(0, count).CopyTo(items);
        _ordered.AsSpan(0, count).CopyTo(scores);
        for (var place = count; place < items.Length; place++)
        {
            scores[place] = MathF.Min(scores[place] + lowered, scores[count - 1]);
        }
        return true;
    }

    // One that no table has is as padding: zeros, but for its score and its place.
    private ReadOnlySpan<int> Known(ReadOnlySpan<int> items)
    {
        if (!items.ContainsAnyExceptInRange(1, tables.Items))
        {
            return items;
        }
        for (var place = 0; place < items.Length; place++)
        {
            _items[place] = items[place] <= tables.Items ? items[place] : 0;
        }
        return _items.AsSpan(0, items.Length);
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

    // By counting, of each candidate, those before it: the better ones, and equal ones that lay before. Without a
    // branch that depends on a score.
    private static void Order(ReadOnlySpan<int> items, float[] scores, int[] ordered, float[] orderedScores)
    {
        var parts = MemoryMarshal.Cast<float, Vector256<float>>(scores.AsSpan());
        var count = (items.Length + Vector256<float>.Count - 1) / Vector256<float>.Count;
        scores.AsSpan(items.Length, (count * Vector256<float>.Count) - items.Length).Fill(float.NegativeInfinity);
        for (var place = 0; place < items.Length; place++)
        {
            var score = Vector256.Create(scores[place]);
            var own = place / Vector256<float>.Count;
            var before = Vector256<int>.Zero;
            for (var at = 0; at < own; at++)
            {
                before -= Vector256.GreaterThanOrEqual(parts[at], score).AsInt32();
            }
            for (var at = own; at < count; at++)
            {
                before -= Vector256.GreaterThan(parts[at], score).AsInt32();
            }
            // Of its own vector, equal ones on its left.
            var left = Vector256.Equals(parts[own], score).ExtractMostSignificantBits();
            left &= (1u << (place % Vector256<float>.Count)) - 1;
            var rank = Vector256.Sum(before) + BitOperations.PopCount(left);
            (ordered[rank], orderedScores[rank]) = (items[place], scores[place]);
        }
    }
}
