using System.Numerics.Tensors;

namespace StreamRec.Ranking;

/// <summary>
/// Exact top-N by inner product: score(u, i) = u·v_i + b_i over all items, the N largest in order; ties by item index,
/// the lower first. Not safe for several threads; allocates nothing in <see cref="Search"/>.
/// </summary>
public sealed class TopN
{
    private readonly float[] _vectors;
    private readonly float[]? _biases;
    private readonly int _dimension;
    private readonly int _items;
    private readonly float[] _scores;
    private readonly PriorityQueue<int, (float Score, int Item)> _worstFirst = new(s_worstFirst);

    private static readonly Comparer<(float Score, int Item)> s_worstFirst = Comparer<(float Score, int Item)>.Create(
        (a, b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : b.Item.CompareTo(a.Item));

    /// <param name="vectors">Row-major [N+1,D]; row 0 is padding and never listed.</param>
    /// <param name="dimension">D.</param>
    /// <param name="biases">[N+1], or null for none.</param>
    public TopN(float[] vectors, int dimension, float[]? biases)
    {
        (_vectors, _dimension, _biases) = (vectors, dimension, biases);
        _items = vectors.Length / dimension - 1;
        _scores = new float[_items + 1];
    }

    /// <summary>Finds one user's list.</summary>
    /// <param name="user">u, [D].</param>
    /// <param name="excluded">Item indices to leave out; 0 and repetitions are allowed.</param>
    /// <param name="items">Receives item indices, best first; its length is N.</param>
    /// <param name="scores">Receives their scores; at least as long as <paramref name="items"/>.</param>
    /// <returns>How many there are: N, or all eligible items where there are fewer.</returns>
    /// <exception cref="ArgumentException">A score is not a number.</exception>
    public int Search(ReadOnlySpan<float> user, ReadOnlySpan<int> excluded, Span<int> items, Span<float> scores)
    {
        for (var i = 1; i <= _items; i++)
        {
            _scores[i] = TensorPrimitives.Dot(user, _vectors.AsSpan(i * _dimension, _dimension));
        }
        if (_biases is not null)
        {
            TensorPrimitives.Add(_scores, _biases, _scores);
        }
        foreach (var item in excluded)
        {
            _scores[item] = float.NegativeInfinity;
        }
        var least = float.NegativeInfinity;
        for (var i = 1; i <= _items; i++)
        {
            var score = _scores[i];
            if (score <= least)
            {
                continue;
            }
            if (float.IsNaN(score))
            {
                _worstFirst.Clear();
                throw new ArgumentException($"The score of item {i} is not a number: the encoder's output is broken.", nameof(user));
            }
            if (_worstFirst.Count == items.Length)
            {
                _worstFirst.Dequeue();
            }
            _worstFirst.Enqueue(i, (score, i));
            if (_worstFirst.Count == items.Length)
            {
                _worstFirst.TryPeek(out _, out var worst);
                least = worst.Score;
            }
        }
        var count = _worstFirst.Count;
        for (var rank = count - 1; rank >= 0; rank--)
        {
            items[rank] = _worstFirst.Dequeue();
            scores[rank] = _scores[items[rank]];
        }
        return count;
    }
}
