using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// Softmax attention over the events so far, with a score that depends on each hidden state alone: s_j = h_j·a,
/// y_t = Σ_(j≤t) e^(s_j)·h_j / Σ_(j≤t) e^(s_j). A running sum, kept stable by its running maximum; [P,D] → [P,D].
/// </summary>
internal sealed unsafe class PrefixAttention(Parameter a) : IAttention
{
    private readonly Matrix _output = new(),
        _sums = new();
    private float[] _scores = [],
        _logZ = [],
        _maximum = [],
        _z = [],
        _dots = [];

    public Matrix Forward(PackedBatch batch, Matrix h)
    {
        var d = h.Cols;
        _output.Resize(h.Rows, d);
        _sums.Resize(batch.Order.Length, d).Clear();
        Reserve(h.Rows, batch.Order.Length);
        (var maximum, var z) = (_maximum, _z);
        z.AsSpan().Clear();
        for (var step = 0; step < batch.Steps; step++)
        {
            for (var place = 0; place < batch.Live(step); place++)
            {
                var row = batch.Row(step, place);
                var score = ActivationKernels.Dot(h.Row(row), a.Value.Data, d);
                var top = step == 0 ? score : MathF.Max(maximum[place], score);
                var keep = step == 0 ? 0f : MathF.Exp(maximum[place] - top);
                var take = MathF.Exp(score - top);
                z[place] = (z[place] * keep) + take;
                maximum[place] = top;
                ActivationKernels.Blend(_sums.Row(place), keep, h.Row(row), take, d);
                ActivationKernels.Scale(_output.Row(row), _sums.Row(place), 1f / z[place], d);
                _scores[row] = score;
                _logZ[row] = top + MathF.Log(z[place]);
            }
        }
        return _output;
    }

    private void Reserve(int rows, int places)
    {
        if (_scores.Length < rows)
        {
            (_scores, _logZ) = (new float[rows], new float[rows]);
        }
        if (_z.Length < places)
        {
            (_maximum, _z, _dots) = (new float[places], new float[places], new float[places]);
        }
    }

    /// <summary>
    /// Adds to dh: with Q_j = Σ_(t≥j) dy_t/Z_t and q_j = Σ_(t≥j) dy_t·y_t/Z_t, ∂/∂s_j = e^(s_j)(h_j·Q_j − q_j).
    /// </summary>
    /// <remarks>
    /// Q and q are kept times Z_t, which is at least every e^(s_j) with j ≤ t, so that nothing overflows.
    /// </remarks>
    public void Backward(PackedBatch batch, Matrix h, Matrix dy, Matrix dh, Gradients gradients)
    {
        var d = h.Cols;
        var da = gradients[a].Data;
        _sums.Resize(batch.Order.Length, d).Clear();
        var dots = _dots;
        dots.AsSpan().Clear();
        for (var step = batch.Steps - 1; step >= 0; step--)
        {
            for (var place = 0; place < batch.Live(step); place++)
            {
                var row = batch.Row(step, place);
                var last = row == batch.LastRow[place];
                var keep = last ? 0f : MathF.Exp(_logZ[row] - _logZ[batch.Row(step + 1, place)]);
                var q = _sums.Row(place);
                ActivationKernels.Blend(q, keep, dy.Row(row), 1f, d);
                dots[place] = (dots[place] * keep) + ActivationKernels.Dot(dy.Row(row), _output.Row(row), d);
                var weight = MathF.Exp(_scores[row] - _logZ[row]);
                var ds = weight * (ActivationKernels.Dot(h.Row(row), q, d) - dots[place]);
                ActivationKernels.Blend(dh.Row(row), 1f, q, weight, d);
                ActivationKernels.Blend(dh.Row(row), 1f, a.Value.Data, ds, d);
                ActivationKernels.Blend(da, 1f, h.Row(row), ds, d);
            }
        }
    }
}
