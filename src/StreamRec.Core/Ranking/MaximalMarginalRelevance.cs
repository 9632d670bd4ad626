using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StreamRec.Numerics.Search.Candidates;

namespace StreamRec.Ranking;

/// <summary>
/// Re-ranks candidates against lists of near copies: maximal marginal relevance (Carbonell and Goldstein, 1998) on item
/// vectors alone. Each place goes to the candidate with the largest (1−λ)·r − λ·max cos(v_i, v_j) over the j chosen
/// before, r being the score scaled to 0…1 over the candidates; ties to the better score.
/// </summary>
/// <remarks>
/// A pure function of the candidates, the vectors and λ. One thread at a time. A candidate's value only falls as others
/// are chosen, so one that was last computed some places ago is a bound: only the candidate with the largest bound is
/// brought up to date, and chosen if it still is the largest (Minoux, 1978). Floating-point rounding is monotone, so
/// this chooses what computing all would.
/// </remarks>
internal sealed class MaximalMarginalRelevance(float[] vectors, int dimension, float lambda) : IReranker
{
    private const int Together = 4;

    // By candidate: its value as of the first _compared chosen ones, and what it is made of.
    private float[] _values = [];
    private float[] _relevance = [];
    private float[] _closest = [];
    private float[] _norms = [];
    private int[] _compared = [];

    // By place: the candidate, and its vector and length.
    private int[] _chosen = [];
    private float[] _rows = [];
    private float[] _lengths = [];
    private int[] _items = [];
    private float[] _scores = [];

    public int CandidatesFor(int places) => 2 * places;

    public int Choose(ReadOnlySpan<int> history, Span<int> items, Span<float> scores, int places)
    {
        var count = items.Length;
        places = Math.Min(places, count);
        if (lambda == 0 || count < 2)
        {
            return places;
        }
        Prepare(items, scores, places);
        // Behind the first candidate that was never compared all others have a smaller value, or the same one and a
        // worse score.
        var looked = 1;
        for (var place = 0; place < places; place++)
        {
            int best;
            while (_compared[best = TensorPrimitives.IndexOfMax(_values.AsSpan(0, looked))] < place)
            {
                Compare(best, Row(items[best]), place);
                looked = Math.Max(looked, Math.Min(count, best + 2));
            }
            Take(best, Row(items[best]), place);
            looked = Math.Max(looked, Math.Min(count, best + 2));
        }
        items.CopyTo(_items);
        scores[..count].CopyTo(_scores);
        for (var place = 0; place < places; place++)
        {
            (items[place], scores[place]) = (_items[_chosen[place]], _scores[_chosen[place]]);
        }
        return places;
    }

    private void Prepare(ReadOnlySpan<int> items, ReadOnlySpan<float> scores, int places)
    {
        var count = items.Length;
        if (_values.Length < count)
        {
            (_values, _relevance, _closest, _norms) = (
                new float[count],
                new float[count],
                new float[count],
                new float[count]
            );
            (_compared, _items, _scores) = (new int[count], new int[count], new float[count]);
        }
        if (_chosen.Length < places)
        {
            (_chosen, _lengths, _rows) = (new int[places], new float[places], new float[places * dimension]);
        }
        var (high, low) = (scores[0], scores[count - 1]);
        for (var i = 0; i < count; i++)
        {
            _relevance[i] = high > low ? (scores[i] - low) / (high - low) : 1;
            (_closest[i], _compared[i]) = (-1, 0);
            _values[i] = ValueOf(i);
            _norms[i] = TensorPrimitives.Norm(Row(items[i]));
        }
    }

    private float ValueOf(int candidate) => (1 - lambda) * _relevance[candidate] - lambda * _closest[candidate];

    private void Compare(int candidate, ReadOnlySpan<float> vector, int place)
    {
        _closest[candidate] = MathF.Max(
            _closest[candidate],
            MaxCosine(vector, _norms[candidate], _compared[candidate], place)
        );
        _compared[candidate] = place;
        _values[candidate] = ValueOf(candidate);
    }

    private void Take(int candidate, ReadOnlySpan<float> vector, int place)
    {
        _chosen[place] = candidate;
        _values[candidate] = float.NegativeInfinity;
        _lengths[place] = _norms[candidate];
        vector.CopyTo(_rows.AsSpan(place * dimension));
    }

    private float Cosine(float product, float norm, int place) =>
        norm * _lengths[place] is > 0 and var norms ? product / norms : 0;

    // The largest cosine of the vector with the chosen ones from, …, to - 1: four at a time, which share the vector's
    // loads.
    private float MaxCosine(ReadOnlySpan<float> vector, float norm, int from, int to)
    {
        var most = float.NegativeInfinity;
        var parts = Parts(vector);
        var tail = parts.Length * Vector<float>.Count;
        for (; from + Together <= to; from += Together)
        {
            var rows = _rows.AsSpan(from * dimension, Together * dimension);
            var first = Parts(rows);
            var second = Parts(rows[dimension..]);
            var third = Parts(rows[(2 * dimension)..]);
            var fourth = Parts(rows[(3 * dimension)..]);
            Vector<float> a = default,
                b = default,
                c = default,
                d = default;
            for (var i = 0; i < parts.Length; i++)
            {
                a += parts[i] * first[i];
                b += parts[i] * second[i];
                c += parts[i] * third[i];
                d += parts[i] * fourth[i];
            }
            float w = Vector.Sum(a),
                x = Vector.Sum(b),
                y = Vector.Sum(c),
                z = Vector.Sum(d);
            for (var i = tail; i < dimension; i++)
            {
                w += vector[i] * rows[i];
                x += vector[i] * rows[dimension + i];
                y += vector[i] * rows[2 * dimension + i];
                z += vector[i] * rows[3 * dimension + i];
            }
            (w, x) = (Cosine(w, norm, from), Cosine(x, norm, from + 1));
            (y, z) = (Cosine(y, norm, from + 2), Cosine(z, norm, from + 3));
            most = MathF.Max(most, MathF.Max(MathF.Max(w, x), MathF.Max(y, z)));
        }
        for (; from < to; from++)
        {
            most = MathF.Max(
                most,
                Cosine(TensorPrimitives.Dot(vector, _rows.AsSpan(from * dimension, dimension)), norm, from)
            );
        }
        return most;
    }

    private ReadOnlySpan<Vector<float>> Parts(ReadOnlySpan<float> row) =>
        MemoryMarshal.Cast<float, Vector<float>>(row[..(dimension / Vector<float>.Count * Vector<float>.Count)]);

    private ReadOnlySpan<float> Row(int item) => vectors.AsSpan(item * dimension, dimension);
}
