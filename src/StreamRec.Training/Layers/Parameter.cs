using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>
/// A weight [Rows,Cols] with the packings that products read. The optimizer writes it between steps; layers only read.
/// </summary>
/// <param name="packed">Products need it.</param>
/// <param name="sparse">Only few rows have a gradient in a step.</param>
/// <param name="unit">Layers see its rows scaled to length 1.</param>
internal sealed unsafe class Parameter(
    string name,
    int index,
    int rows,
    int cols,
    bool packed,
    bool unit = false,
    bool sparse = false
)
{
    public string Name => name;

    public bool Sparse => sparse;

    /// <summary>The place in <see cref="Gradients"/>.</summary>
    public int Index => index;

    /// <summary>What the optimizer changes.</summary>
    public Matrix Value { get; } = new(rows, cols);

    /// <summary>
    /// What layers read: <see cref="Value"/>, or its rows at length 1. Their gradients are of this one.
    /// </summary>
    public Matrix Seen => unit ? _unit : Value;

    /// <summary>The weight as a right-hand side: x·W.</summary>
    public PackedMatrix Packed { get; } = new();

    /// <summary>Its transpose as a right-hand side: dy·Wᵀ.</summary>
    public PackedMatrix PackedTransposed { get; } = new();

    private readonly Matrix _unit = new();

    /// <summary>To be called after every change of <see cref="Value"/>.</summary>
    public void Repack()
    {
        if (unit)
        {
            _unit.Resize(rows, cols);
            for (var row = 0; row < rows; row++)
            {
                ActivationKernels.Scale(_unit.Row(row), Value.Row(row), InverseLength(row), cols);
            }
        }
        if (packed)
        {
            Packed.Pack(Seen);
            PackedTransposed.Pack(Seen, transpose: true);
        }
    }

    /// <summary>The gradient of <see cref="Seen"/> → that of <see cref="Value"/>, in place.</summary>
    public void ToValue(Matrix gradient)
    {
        for (var row = 0; unit && row < rows; row++)
        {
            float along = ActivationKernels.Dot(_unit.Row(row), gradient.Row(row), cols),
                inverse = InverseLength(row);
            ActivationKernels.Blend(gradient.Row(row), inverse, _unit.Row(row), -inverse * along, cols);
        }
    }

    /// <summary>1 over a row's length; 0 for a row of zeros, which stays one.</summary>
    private float InverseLength(int row)
    {
        var square = ActivationKernels.Dot(Value.Row(row), Value.Row(row), cols);
        return square > 0 ? 1f / MathF.Sqrt(square) : 0f;
    }
}
