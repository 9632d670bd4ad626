namespace StreamRec.Onnx.Steps;

/// <summary>A step graph as a list of instructions over one piece of memory. Immutable, with its weights shared by all who run it.</summary>
/// <param name="Floats">The memory of a run.</param>
/// <param name="Inputs">h, c, A [B,D], Z, m [B,1].</param>
/// <param name="Outputs">user [B,D], and the inputs after the step.</param>
internal sealed record StepProgram(
    StepInstruction[] Instructions, int Floats, StepValue[] Inputs, StepValue[] Outputs)
{
    /// <summary>
    /// Rows of a run. Multiples of 6 and of 8 leave no tile of a product half empty, and the values of so few stay in a cache
    /// near the processor.
    /// </summary>
    public const int MostRows = 48;
}
