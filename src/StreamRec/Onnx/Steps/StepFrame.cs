using StreamRec.Encoders;

namespace StreamRec.Onnx.Steps;

/// <summary>One run of a program: the items of B rows, and an encoder's memory.</summary>
internal readonly unsafe ref struct StepFrame(ReadOnlySpan<int> items, float* memory, IAddedRows? added = null)
{
    /// <summary>[B], each in 1..N, or of <see cref="Added"/>.</summary>
    public readonly ReadOnlySpan<int> Items = items;

    public readonly float* Memory = memory;

    public readonly IAddedRows? Added = added;

    public int Rows => Items.Length;
}
