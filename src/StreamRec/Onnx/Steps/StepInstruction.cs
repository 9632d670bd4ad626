namespace StreamRec.Onnx.Steps;

/// <summary>Fills one value from others. Immutable; a row's result depends on that row alone, to the bit.</summary>
internal abstract class StepInstruction
{
    public abstract void Run(in StepFrame frame);
}
