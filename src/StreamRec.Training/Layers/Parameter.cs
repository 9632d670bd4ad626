using StreamRec.Training.Numerics;

namespace StreamRec.Training.Layers;

/// <summary>A weight [Rows,Cols] with the packings that products read. The optimizer writes it between steps; layers only read.</summary>
internal sealed class Parameter(string name, int index, int rows, int cols, bool packed)
{
    public string Name => name;

    /// <summary>The place in <see cref="Gradients"/>.</summary>
    public int Index => index;

    public Block Value { get; } = new(rows, cols);

    /// <summary>The weight as a right-hand side: x·W.</summary>
    public PackedMatrix Packed { get; } = new();

    /// <summary>Its transpose as a right-hand side: dy·Wᵀ.</summary>
    public PackedMatrix PackedTransposed { get; } = new();

    /// <summary>To be called after every change of <see cref="Value"/>.</summary>
    public void Repack()
    {
        if (packed)
        {
            Packed.Pack(Value);
            PackedTransposed.Pack(Value, transpose: true);
        }
    }
}
