using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// Softmax attention whose query is the last state: with q_t = h_t·Wq and, j ≤ t,
/// dot: s_tj = q_t·h_j/√D; additive: s_tj = v·tanh(q_t + h_j·Wk); y_t = Σ_j softmax_j(s_tj)·h_j.
/// Every event looks at all before it: time and memory grow with the square of a piece's length.
/// </summary>
/// <param name="key">Wk [D,D]; null for dot.</param>
/// <param name="v">[1,D]; null for dot.</param>
internal sealed unsafe class QueryAttention(Parameter query, Parameter? key, Parameter? v) : IAttention
{
    private readonly Matrix _queries = new(),
        _keys = new(),
        _output = new(),
        _dQueries = new(),
        _dKeys = new();
    private readonly PackedMatrix _packed = new();
    private float[] _weights = [],
        _dWeights = [];

    public Matrix Forward(PackedBatch batch, Matrix h)
    {
        var d = h.Cols;
        Gemm.Multiply(h, query.Packed, _queries.Resize(h.Rows, d));
        if (key is not null)
        {
            Gemm.Multiply(h, key.Packed, _keys.Resize(h.Rows, d));
        }
        _output.Resize(h.Rows, d).Clear();
        Reserve(batch);
        var at = 0;
        for (var place = 0; place < batch.Order.Length; place++)
        {
            for (var step = 0; step < batch.Length(place); at += ++step)
            {
                var row = batch.Row(step, place);
                var weights = _weights.AsSpan(at, step + 1);
                float top = float.NegativeInfinity,
                    sum = 0f;
                for (var j = 0; j <= step; j++)
                {
                    weights[j] = Score(_queries.Row(row), h, batch.Row(j, place));
                    top = MathF.Max(top, weights[j]);
                }
                for (var j = 0; j <= step; j++)
                {
                    weights[j] = MathF.Exp(weights[j] - top);
                    sum += weights[j];
                }
                for (var j = 0; j <= step; j++)
                {
                    weights[j] /= sum;
                    ActivationKernels.Blend(_output.Row(row), 1f, h.Row(batch.Row(j, place)), weights[j], d);
                }
            }
        }
        return _output;
    }

    public void Backward(PackedBatch batch, Matrix h, Matrix dy, Matrix dh, Gradients gradients)
    {
        var d = h.Cols;
        _dQueries.Resize(h.Rows, d).Clear();
        _dKeys.Resize(h.Rows, d).Clear();
        var at = 0;
        for (var place = 0; place < batch.Order.Length; place++)
        {
            for (var step = 0; step < batch.Length(place); at += ++step)
            {
                var row = batch.Row(step, place);
                var mean = 0f;
                for (var j = 0; j <= step; j++)
                {
                    var other = batch.Row(j, place);
                    _dWeights[j] = ActivationKernels.Dot(dy.Row(row), h.Row(other), d);
                    mean += _weights[at + j] * _dWeights[j];
                    ActivationKernels.Blend(dh.Row(other), 1f, dy.Row(row), _weights[at + j], d);
                }
                for (var j = 0; j <= step; j++)
                {
                    ScoreBackward(row, batch.Row(j, place), _weights[at + j] * (_dWeights[j] - mean), h, dh, gradients);
                }
            }
        }
        Through(query, h, _dQueries, dh, gradients);
        if (key is not null)
        {
            Through(key, h, _dKeys, dh, gradients);
        }
    }

    private float Score(float* q, Matrix h, int other) =>
        v is null
            ? ActivationKernels.Dot(q, h.Row(other), h.Cols) / MathF.Sqrt(h.Cols)
            : TanhDot(q, _keys.Row(other), v.Value.Data, h.Cols);

    private void ScoreBackward(int row, int other, float ds, Matrix h, Matrix dh, Gradients gradients)
    {
        var d = h.Cols;
        if (v is null)
        {
            var scaled = ds / MathF.Sqrt(d);
            ActivationKernels.Blend(_dQueries.Row(row), 1f, h.Row(other), scaled, d);
            ActivationKernels.Blend(dh.Row(other), 1f, _queries.Row(row), scaled, d);
            return;
        }
        TanhDotBackward(
            _queries.Row(row),
            _keys.Row(other),
            v.Value.Data,
            ds,
            gradients[v].Data,
            _dQueries.Row(row),
            _dKeys.Row(other),
            d
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float TanhDot(float* q, float* k, float* v, int d)
    {
        Vector512<float> sum = default;
        for (var i = 0; i < d; i += ActivationKernels.Width)
        {
            sum += ActivationKernels.Tanh(Vector512.Load(q + i) + Vector512.Load(k + i)) * Vector512.Load(v + i);
        }
        return Vector512.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TanhDotBackward(float* q, float* k, float* v, float ds, float* dv, float* dq, float* dk, int d)
    {
        Vector512<float> factor = Vector512.Create(ds);
        for (var i = 0; i < d; i += ActivationKernels.Width)
        {
            var t = ActivationKernels.Tanh(Vector512.Load(q + i) + Vector512.Load(k + i));
            var dz = factor * Vector512.Load(v + i) * (Vector512<float>.One - (t * t));
            (Vector512.Load(dv + i) + (factor * t)).Store(dv + i);
            (Vector512.Load(dq + i) + dz).Store(dq + i);
            (Vector512.Load(dk + i) + dz).Store(dk + i);
        }
    }

    /// <summary>Backward through z = h·W: dW += hᵀ·dz, dh += dz·Wᵀ.</summary>
    private void Through(Parameter weight, Matrix h, Matrix dz, Matrix dh, Gradients gradients)
    {
        Gemm.AddTransposed(h, _packed.Pack(dz), gradients[weight]);
        Gemm.Multiply(dz, weight.PackedTransposed, dh, accumulate: true);
    }

    private void Reserve(PackedBatch batch)
    {
        long pairs = 0;
        for (var place = 0; place < batch.Order.Length; place++)
        {
            pairs += (long)batch.Length(place) * (batch.Length(place) + 1) / 2;
        }
        if (_weights.Length < pairs)
        {
            _weights = new float[checked((int)pairs)];
        }
        if (_dWeights.Length < batch.Steps)
        {
            _dWeights = new float[batch.Steps];
        }
    }
}
