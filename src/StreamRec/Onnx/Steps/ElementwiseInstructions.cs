namespace StreamRec.Onnx.Steps;

internal delegate void Pairing(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result);

internal unsafe delegate void Curve(float* x, float* y, int length);

/// <summary>
/// result = left ∘ right, all [B,W]; ∘ is one that IEEE 754 rounds exactly, so it does not matter where an element
/// stands.
/// </summary>
internal sealed unsafe class PairInstruction(Pairing pairing, StepValue left, StepValue right, StepValue result)
    : StepInstruction
{
    public override void Run(in StepFrame frame)
    {
        var length = frame.Rows * result.Width;
        pairing(new(left.In(frame), length), new(right.In(frame), length), new(result.In(frame), length));
    }
}

/// <summary>y = f(x), both [B,W].</summary>
/// <remarks>
/// In whole vectors, beyond the last row where need be: so no element is a remainder, which would be computed in
/// another way. Neither value is a constant, since the memory of those ends with the last row.
/// </remarks>
internal sealed unsafe class CurveInstruction(Curve curve, StepValue x, StepValue y) : StepInstruction
{
    public override void Run(in StepFrame frame)
    {
        curve(x.In(frame), y.In(frame), StepProgram.Whole(frame.Rows * y.Width));
    }
}
