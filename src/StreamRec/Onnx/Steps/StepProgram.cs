using StreamRec.Numerics.Matrices;

namespace StreamRec.Onnx.Steps;

/// <summary>
/// A step graph as a list of instructions over one piece of memory. Immutable, with its weights shared by all who run
/// it.
/// </summary>
/// <param name="Floats">The memory of a run.</param>
/// <param name="Inputs">h, c, A [B,D], Z, m [B,1].</param>
/// <param name="Outputs">user [B,D], and the inputs after the step.</param>
internal sealed record StepProgram(StepInstruction[] Instructions, int Floats, StepValue[] Inputs, StepValue[] Outputs)
{
    /// <summary>
    /// The most rows of a run; a larger batch takes several. A multiple of 6 and of 8 leaves no tile of a product half
    /// empty, and the values of so few rows stay in the caches of a core.
    /// </summary>
    public const int MostRows = 24;

    /// <summary>A length, rounded up to whole vectors.</summary>
    public static int Whole(int length) =>
        (length + ActivationKernels.Width - 1) / ActivationKernels.Width * ActivationKernels.Width;
}
