using System.Numerics.Tensors;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Reranking;

/// <summary>
/// Fits a re-ranker: cross entropy of the target among its list's candidates, Adam, in one thread. The same cases and
/// seed give the same weights.
/// </summary>
internal sealed class NetworkFit
{
    private const int BatchLists = 32;
    private const float Beta1 = 0.9f,
        Beta2 = 0.999f,
        Epsilon = 1e-8f;

    private readonly NetworkWeights _weights;
    private readonly NetworkWeights _gradient;
    private readonly NetworkWeights _first;
    private readonly NetworkWeights _second;
    private readonly FitCase[] _cases;
    private readonly Random _random;
    private readonly Matrix _inputs = new();
    private readonly Matrix _hidden = new();
    private readonly PackedMatrix _packed = new();
    private float[] _scores = [];
    private int _steps;

    /// <param name="cases">With features that are scaled.</param>
    /// <param name="skip">What a begins with: all else begins near 0.</param>
    public NetworkFit(FitCase[] cases, ReadOnlySpan<float> skip, int units, int seed)
    {
        (_cases, _random) = ([.. cases.Where(one => one.Target >= 0)], new Random(seed));
        _weights = new NetworkWeights(skip.Length, units);
        (_gradient, _first, _second) = (new(skip.Length, units), new(skip.Length, units), new(skip.Length, units));
        skip.CopyTo(_weights.Skip.Span);
        var bound = 1 / MathF.Sqrt(skip.Length);
        foreach (ref var weight in _weights.Hidden.Span)
        {
            weight = bound * (2 * _random.NextSingle() - 1);
        }
        foreach (ref var weight in _weights.Output.Span)
        {
            weight = 0.1f * (2 * _random.NextSingle() - 1);
        }
    }

    public NetworkWeights Weights => _weights;

    /// <summary>Goes through all cases once; returns the mean loss.</summary>
    public double Epoch(float rate, float decay)
    {
        _random.Shuffle(_cases);
        double loss = 0;
        foreach (var batch in _cases.Chunk(BatchLists))
        {
            loss += Step(batch, rate, decay);
        }
        return loss / Math.Max(1, _cases.Length);
    }

    private double Step(FitCase[] batch, float rate, float decay)
    {
        int rows = batch.Sum(one => one.Count),
            features = _weights.Features,
            units = _weights.Units;
        _inputs.Resize(rows, features);
        var filled = 0;
        foreach (var one in batch)
        {
            one.Features.AsSpan(0, one.Count * features).CopyTo(_inputs.Span[(filled * features)..]);
            filled += one.Count;
        }
        Array.ForEach(_gradient.All, part => part.Clear());
        Forward(rows);
        double loss = 0;
        var from = 0;
        foreach (var one in batch)
        {
            var scores = _scores.AsSpan(from, one.Count);
            TensorPrimitives.SoftMax(scores, scores);
            loss -= Math.Log(Math.Max(1e-30f, scores[one.Target]));
            scores[one.Target] -= 1;
            TensorPrimitives.Divide(scores, batch.Length, scores);
            from += one.Count;
        }
        for (var row = 0; row < rows; row++)
        {
            var slope = _scores[row];
            var hidden = _hidden.RowSpan(row);
            TensorPrimitives.MultiplyAdd(_inputs.RowSpan(row), slope, _gradient.Skip.Span, _gradient.Skip.Span);
            TensorPrimitives.MultiplyAdd(hidden, slope, _gradient.Output.Span, _gradient.Output.Span);
            for (var unit = 0; unit < units; unit++)
            {
                hidden[unit] = hidden[unit] > 0 ? slope * _weights.Output.Span[unit] : 0;
            }
            TensorPrimitives.Add(hidden, _gradient.Bias.Span, _gradient.Bias.Span);
        }
        Gemm.AddTransposed(_inputs, _packed.Pack(_hidden), _gradient.Hidden);
        Update(rate, decay);
        return loss;
    }

    // Leaves max(0, x·B + c) and the scores.
    private void Forward(int rows)
    {
        if (_scores.Length < rows)
        {
            _scores = new float[rows];
        }
        Gemm.Multiply(_inputs, _packed.Pack(_weights.Hidden), _hidden.Resize(rows, _weights.Units));
        for (var row = 0; row < rows; row++)
        {
            var hidden = _hidden.RowSpan(row);
            TensorPrimitives.Add(hidden, _weights.Bias.Span, hidden);
            TensorPrimitives.Max(hidden, 0f, hidden);
            _scores[row] =
                TensorPrimitives.Dot<float>(hidden, _weights.Output.Span)
                + TensorPrimitives.Dot<float>(_inputs.RowSpan(row), _weights.Skip.Span);
        }
    }

    private void Update(float rate, float decay)
    {
        _steps++;
        float correct1 = 1 - MathF.Pow(Beta1, _steps),
            correct2 = 1 - MathF.Pow(Beta2, _steps);
        for (var part = 0; part < _weights.All.Length; part++)
        {
            Span<float> w = _weights.All[part].Span,
                g = _gradient.All[part].Span,
                m = _first.All[part].Span,
                v = _second.All[part].Span;
            var keep = _weights.All[part] == _weights.Hidden ? 1 - (rate * decay) : 1;
            for (var at = 0; at < w.Length; at++)
            {
                m[at] = (Beta1 * m[at]) + ((1 - Beta1) * g[at]);
                v[at] = (Beta2 * v[at]) + ((1 - Beta2) * g[at] * g[at]);
                w[at] = (keep * w[at]) - (rate * m[at] / correct1 / (MathF.Sqrt(v[at] / correct2) + Epsilon));
            }
        }
    }
}
