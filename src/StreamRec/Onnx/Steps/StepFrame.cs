namespace StreamRec.Onnx.Steps;

/// <summary>One run of a program: the items of B rows, and an encoder's memory.</summary>
internal readonly unsafe ref struct StepFrame(ReadOnlySpan<int> items, float* memory)
{
    /// <summary>[B], each in 1..N.</summary>
    public readonly ReadOnlySpan<int> Items = items;

    public readonly float* Memory = memory;

    public int Rows => Items.Length;
}
