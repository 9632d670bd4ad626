using System.Numerics.Tensors;

namespace StreamRec.Ranking;

/// <summary>
/// Re-ranks candidates against lists of near copies: maximal marginal relevance (Carbonell and Goldstein, 1998) on item
/// vectors alone. Each place goes to the candidate with the largest (1−λ)·r − λ·max cos(v_i, v_j) over the j chosen before,
/// r being the score scaled to 0…1 over the candidates; ties to the better score.
/// </summary>
/// <remarks>A pure function of the candidates, the vectors and λ. One thread at a time; O(places · candidates · D).</remarks>
internal sealed class Diversity(float[] vectors, int dimension, float lambda)
{
    private float[] _relevance = [];
    private float[] _closest = [];
    private float[] _norms = [];

    /// <summary>Chooses from candidates, best first, and writes the choice over their first places.</summary>
    /// <param name="items">Candidates' indices; the first <paramref name="places"/> are the list afterwards.</param>
    /// <param name="scores">Their scores, which stay with them.</param>
    /// <returns>The list's length.</returns>
    public int Choose(Span<int> items, Span<float> scores, int places)
    {
        var count = items.Length;
        places = Math.Min(places, count);
        if (lambda == 0 || count < 2)
        {
            return places;
        }
        Prepare(items, scores);
        for (var place = 0; place < places; place++)
        {
            var best = place;
            var bestValue = float.NegativeInfinity;
            for (var i = place; i < count; i++)
            {
                var value = (1 - lambda) * _relevance[i] - lambda * _closest[i];
                if (value > bestValue)
                {
                    (best, bestValue) = (i, value);
                }
            }
            MoveTo(place, best, items, scores);
            var chosen = Vector(items[place]);
            for (var i = place + 1; i < count; i++)
            {
                var norms = _norms[place] * _norms[i];
                var cosine = norms > 0 ? TensorPrimitives.Dot(chosen, Vector(items[i])) / norms : 0;
                _closest[i] = MathF.Max(_closest[i], cosine);
            }
        }
        return places;
    }

    private void Prepare(ReadOnlySpan<int> items, ReadOnlySpan<float> scores)
    {
        if (_relevance.Length < items.Length)
        {
            (_relevance, _closest, _norms) = (new float[items.Length], new float[items.Length], new float[items.Length]);
        }
        var (high, low) = (scores[0], scores[items.Length - 1]);
        for (var i = 0; i < items.Length; i++)
        {
            _relevance[i] = high > low ? (scores[i] - low) / (high - low) : 1;
            _closest[i] = -1;
            _norms[i] = TensorPrimitives.Norm(Vector(items[i]));
        }
    }

    // The others keep their order, so that ties go to the better score.
    private void MoveTo(int place, int from, Span<int> items, Span<float> scores)
    {
        Rotate(items[place..(from + 1)]);
        Rotate(scores[place..(from + 1)]);
        Rotate(_relevance.AsSpan(place, from + 1 - place));
        Rotate(_closest.AsSpan(place, from + 1 - place));
        Rotate(_norms.AsSpan(place, from + 1 - place));
    }

    private static void Rotate<T>(Span<T> span)
    {
        var last = span[^1];
        span[..^1].CopyTo(span[1..]);
        span[0] = last;
    }

    private ReadOnlySpan<float> Vector(int item) => vectors.AsSpan(item * dimension, dimension);
}
