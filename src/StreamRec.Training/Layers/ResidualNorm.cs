using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// A way round the context layer, then layer normalisation: with r = x + h, y = gain ⊙ (r − mean r)/√(var r + ε) +
/// shift, mean and variance over the D values of a row; [P,D] → [P,D].
/// </summary>
internal sealed unsafe class ResidualNorm(Parameter gain, Parameter shift)
{
    /// <summary>ε, which the exported graphs use too.</summary>
    public const float Epsilon = 1e-5f;

    private readonly Matrix _normal = new(),
        _output = new(),
        _dr = new();
    private float[] _scales = [];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Matrix Forward(Matrix x, Matrix h)
    {
        var d = x.Cols;
        _normal.Resize(x.Rows, d);
        _output.Resize(x.Rows, d);
        if (_scales.Length < x.Rows)
        {
            _scales = new float[x.Rows];
        }
        for (var row = 0; row < x.Rows; row++)
        {
            float* r = _normal.Row(row),
                y = _output.Row(row),
                xs = x.Row(row),
                hs = h.Row(row);
            Vector512<float> sum = default,
                squares = default;
            for (var k = 0; k < d; k += ActivationKernels.Width)
            {
                var both = Vector512.Load(xs + k) + Vector512.Load(hs + k);
                both.Store(r + k);
                sum += both;
            }
            Vector512<float> mean = Vector512.Create(Vector512.Sum(sum) / d);
            for (var k = 0; k < d; k += ActivationKernels.Width)
            {
                var centred = Vector512.Load(r + k) - mean;
                squares = Vector512.FusedMultiplyAdd(centred, centred, squares);
            }
            var scale = 1f / MathF.Sqrt((Vector512.Sum(squares) / d) + Epsilon);
            _scales[row] = scale;
            for (var k = 0; k < d; k += ActivationKernels.Width)
            {
                var normal = (Vector512.Load(r + k) - mean) * Vector512.Create(scale);
                normal.Store(r + k);
                Vector512
                    .FusedMultiplyAdd(normal, Vector512.Load(gain.Value.Data + k), Vector512.Load(shift.Value.Data + k))
                    .Store(y + k);
            }
        }
        return _output;
    }

    /// <summary>
    /// ∂loss/∂y → ∂loss/∂r, which is that of x and of h alike: with g = dy⊙gain and n = (r − mean)·scale, scale·(g −
    /// mean g − n·mean(g⊙n)).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Matrix Backward(Matrix dy, Gradients gradients)
    {
        var d = dy.Cols;
        float* dGain = gradients[gain].Data,
            dShift = gradients[shift].Data;
        _dr.Resize(dy.Rows, d);
        for (var row = 0; row < dy.Rows; row++)
        {
            float* n = _normal.Row(row),
                to = _dr.Row(row),
                from = dy.Row(row);
            Vector512<float> sum = default,
                along = default;
            for (var k = 0; k < d; k += ActivationKernels.Width)
            {
                Vector512<float> given = Vector512.Load(from + k),
                    normal = Vector512.Load(n + k);
                Vector512.FusedMultiplyAdd(given, normal, Vector512.Load(dGain + k)).Store(dGain + k);
                (Vector512.Load(dShift + k) + given).Store(dShift + k);
                var g = given * Vector512.Load(gain.Value.Data + k);
                g.Store(to + k);
                sum += g;
                along = Vector512.FusedMultiplyAdd(g, normal, along);
            }
            Vector512<float> mean = Vector512.Create(Vector512.Sum(sum) / d),
                share = Vector512.Create(Vector512.Sum(along) / d);
            for (var k = 0; k < d; k += ActivationKernels.Width)
            {
                (
                    (Vector512.Load(to + k) - mean - (Vector512.Load(n + k) * share)) * Vector512.Create(_scales[row])
                ).Store(to + k);
            }
        }
        return _dr;
    }
}
