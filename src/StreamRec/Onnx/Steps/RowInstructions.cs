using StreamRec.Numerics.Matrices;

namespace StreamRec.Onnx.Steps;

/// <summary>x [B,W]: the rows of a table [N,W] at the items, or those that are added.</summary>
internal sealed unsafe class GatherInstruction(float[] table, StepValue x) : StepInstruction
{
    private readonly int _rows = table.Length / x.Width;

    public override void Run(in StepFrame frame)
    {
        var width = x.Width;
        var rows = new Span<float>(x.In(frame), frame.Rows * width);
        for (var row = 0; row < frame.Rows; row++)
        {
            var item = frame.Items[row];
            var from = item < _rows ? table.AsSpan(item * width, width) : frame.Added!.Of(item);
            from.CopyTo(rows[(row * width)..]);
        }
    }
}

/// <summary>
/// y [B,N] = x [B,K] · w [K,N]. Each element is added up in the order of k, in pieces of 256, however rows are tiled.
/// </summary>
internal sealed unsafe class ProductInstruction(StepValue x, PackedMatrix w, StepValue y) : StepInstruction
{
    public override void Run(in StepFrame frame) =>
        Gemm.Multiply(x.In(frame), w.K, 1, frame.Rows, w, y.In(frame), w.N, accumulate: false);
}

/// <summary>y [B,W]: the one number of each row of x [B,1], W times.</summary>
internal sealed unsafe class SpreadInstruction(StepValue x, StepValue y) : StepInstruction
{
    public override void Run(in StepFrame frame)
    {
        float* numbers = x.In(frame),
            rows = y.In(frame);
        for (var row = 0; row < frame.Rows; row++)
        {
            new Span<float>(rows + (row * y.Width), y.Width).Fill(numbers[row]);
        }
    }
}

/// <summary>y [B,W]: columns of x [B,V], from one on.</summary>
internal sealed unsafe class ColumnsInstruction(StepValue x, int from, StepValue y) : StepInstruction
{
    public override void Run(in StepFrame frame)
    {
        float* source = x.In(frame) + from,
            rows = y.In(frame);
        for (var row = 0; row < frame.Rows; row++)
        {
            new ReadOnlySpan<float>(source + (row * x.Width), y.Width).CopyTo(
                new Span<float>(rows + (row * y.Width), y.Width)
            );
        }
    }
}

/// <summary>y [B,1] = √Σx² of each row of x [B,W].</summary>
internal sealed unsafe class LengthInstruction(StepValue x, StepValue y) : StepInstruction
{
    public override void Run(in StepFrame frame)
    {
        float* rows = x.In(frame),
            lengths = y.In(frame);
        for (var row = 0; row < frame.Rows; row++)
        {
            lengths[row] = MathF.Sqrt(RowSums.Squares(rows + (row * x.Width), x.Width, 0f));
        }
    }
}

/// <summary>y [B,W] = gain·(x − μ)/√(σ² + ε) + shift, by the mean and variance of each row.</summary>
internal sealed unsafe class NormInstruction(StepValue x, float[] gain, float[] shift, float epsilon, StepValue y)
    : StepInstruction
{
    public override void Run(in StepFrame frame)
    {
        var width = x.Width;
        for (var row = 0; row < frame.Rows; row++)
        {
            float* from = x.In(frame) + (row * width),
                to = y.In(frame) + (row * width);
            var mean = RowSums.Sum(from, width) / width;
            var scale = 1f / MathF.Sqrt((RowSums.Squares(from, width, mean) / width) + epsilon);
            for (var at = 0; at < width; at++)
            {
                to[at] = ((from[at] - mean) * scale * gain[at]) + shift[at];
            }
        }
    }
}
