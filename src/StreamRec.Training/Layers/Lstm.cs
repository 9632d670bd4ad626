using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// An LSTM. With z_t = x_t·W + h_(t−1)·R + b of shape [4D], its quarters in ONNX's order i, o, f, g:
/// c_t = σ(f)⊙c_(t−1) + σ(i)⊙tanh(g); h_t = σ(o)⊙tanh(c_t); h and c start at zero.
/// Backward runs through the whole piece.
/// </summary>
internal sealed unsafe class Lstm(Parameter w, Parameter r, Parameter b) : IContextLayer
{
    private readonly Matrix _gates = new(),
        _cells = new(),
        _tanhCells = new(),
        _hidden = new();
    private readonly Matrix _previous = new(),
        _dx = new(),
        _dc = new();
    private readonly PackedMatrix _packedGates = new();

    public Matrix Forward(PackedBatch batch, Matrix x)
    {
        int d = x.Cols,
            gates = 4 * d;
        _gates.Resize(x.Rows, gates);
        _cells.Resize(x.Rows, d);
        _tanhCells.Resize(x.Rows, d);
        _hidden.Resize(x.Rows, d);

        Gemm.Multiply(x, w.Packed, _gates);
        ActivationKernels.AddBias(_gates, b.Value.Data);
        for (var step = 0; step < batch.Steps; step++)
        {
            int first = batch.First(step),
                live = batch.Live(step);
            if (step > 0)
            {
                var before = _hidden.Row(batch.First(step - 1));
                Gemm.Multiply(before, d, 1, live, r.Packed, _gates.Row(first), gates, accumulate: true);
            }
            for (var place = 0; place < live; place++)
            {
                var row = first + place;
                var cell = step > 0 ? _cells.Row(batch.Row(step - 1, place)) : null;
                LstmCell.Forward(_gates.Row(row), cell, _cells.Row(row), _tanhCells.Row(row), _hidden.Row(row), d);
            }
        }
        return _hidden;
    }

    public Matrix Backward(PackedBatch batch, Matrix x, Matrix dh, Gradients gradients)
    {
        int d = x.Cols,
            gates = 4 * d;
        _dc.Resize(batch.Live(0), d).Clear();
        for (var step = batch.Steps - 1; step >= 0; step--)
        {
            int first = batch.First(step),
                live = batch.Live(step);
            for (var place = 0; place < live; place++)
            {
                var row = first + place;
                var cell = step > 0 ? _cells.Row(batch.Row(step - 1, place)) : null;
                LstmCell.Backward(_gates.Row(row), cell, _tanhCells.Row(row), dh.Row(row), _dc.Row(place), d);
            }
            if (step > 0)
            {
                var before = dh.Row(batch.First(step - 1));
                Gemm.Multiply(_gates.Row(first), gates, 1, live, r.PackedTransposed, before, d, accumulate: true);
            }
        }
        _packedGates.Pack(_gates);
        Gemm.AddTransposed(x, _packedGates, gradients[w]);
        Gemm.AddTransposed(Shift.Later(batch, _hidden, _previous), _packedGates, gradients[r]);
        ActivationKernels.AddRows(_gates, gradients[b].Data);
        Gemm.Multiply(_gates, w.PackedTransposed, _dx.Resize(x.Rows, d));
        return _dx;
    }
}
