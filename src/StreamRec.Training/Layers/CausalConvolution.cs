using System.Runtime.Intrinsics;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// A causal convolution over three events: h_t = tanh(x_t·W0 + x_(t−1)·W1 + x_(t−2)·W2 + b); x before the start is
/// zero.
/// </summary>
internal sealed unsafe class CausalConvolution(Parameter w0, Parameter w1, Parameter w2, Parameter b) : IContextLayer
{
    private readonly Matrix _hidden = new(),
        _back1 = new(),
        _back2 = new();
    private readonly Matrix _dx = new(),
        _part = new(),
        _moved = new();
    private readonly PackedMatrix _packedDh = new();

    public Matrix Forward(PackedBatch batch, Matrix x)
    {
        _hidden.Resize(x.Rows, x.Cols);
        Gemm.Multiply(x, w0.Packed, _hidden);
        Gemm.Multiply(Shift.Later(batch, x, _back1), w1.Packed, _hidden, accumulate: true);
        Gemm.Multiply(Shift.Later(batch, _back1, _back2), w2.Packed, _hidden, accumulate: true);
        ActivationKernels.AddBias(_hidden, b.Value.Data);
        for (var k = 0; k < _hidden.Length; k += ActivationKernels.Width)
        {
            ActivationKernels.Tanh(Vector512.Load(_hidden.Data + k)).Store(_hidden.Data + k);
        }
        return _hidden;
    }

    public Matrix Backward(PackedBatch batch, Matrix x, Matrix dh, Gradients gradients)
    {
        for (var k = 0; k < dh.Length; k += ActivationKernels.Width)
        {
            Vector512<float> h = Vector512.Load(_hidden.Data + k);
            (Vector512.Load(dh.Data + k) * (Vector512<float>.One - (h * h))).Store(dh.Data + k);
        }
        _packedDh.Pack(dh);
        Gemm.AddTransposed(x, _packedDh, gradients[w0]);
        Gemm.AddTransposed(_back1, _packedDh, gradients[w1]);
        Gemm.AddTransposed(_back2, _packedDh, gradients[w2]);
        ActivationKernels.AddRows(dh, gradients[b].Data);

        Gemm.Multiply(dh, w0.PackedTransposed, _dx.Resize(x.Rows, x.Cols));
        Gemm.Multiply(dh, w1.PackedTransposed, _part.Resize(x.Rows, x.Cols));
        ActivationKernels.Add(_dx.Data, Shift.Earlier(batch, _part, _moved).Data, _dx.Length);
        Gemm.Multiply(dh, w2.PackedTransposed, _part);
        Shift.Earlier(batch, Shift.Earlier(batch, _part, _moved), _part);
        ActivationKernels.Add(_dx.Data, _part.Data, _dx.Length);
        return _dx;
    }
}
