using System.Numerics.Tensors;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Directions;

namespace StreamRec.Numerics.Search.Index;

/// <summary>
/// Item vectors as rows of int8, for a second pass over what a first pass along few directions leaves: a row is a
/// quarter of the float32 row, and its product with a user's int16 bounds the score more closely. Integer sums are
/// exact: with D ≤ 256 (<see cref="DirectionChoice"/>) no row is longer than 288, and 288·127·32,767 fits into int32.
/// </summary>
internal sealed unsafe class RowCodes : IDisposable
{
    /// <summary>What a kernel takes at a time; rows are multiples of it.</summary>
    public const int Step = 16;

    private const int MaxItemCode = 127,
        MaxUserCode = 32_767,
        Unit = 32;

    private RowCodes(CodedSpace space, int rowBytes, AlignedBuffer<sbyte> rows, ItemBlock[] blocks) =>
        (Space, RowBytes, Rows, Blocks) = (space, rowBytes, rows, blocks);

    public CodedSpace Space { get; }

    /// <summary>Codes of a row, zeros behind them.</summary>
    public int RowBytes { get; }

    public AlignedBuffer<sbyte> Rows { get; }

    /// <summary>The bounds of each block, in these codes.</summary>
    public ItemBlock[] Blocks { get; }

    /// <summary>
    /// Whether D coordinates and the bias would need more bytes than D alone, so that two directions are better left
    /// out.
    /// </summary>
    public static bool BiasNeedsAnotherUnit(int dimension) => dimension % Unit == 0;

    /// <summary>Codes all items.</summary>
    /// <param name="coordinates">The items' coordinates in <paramref name="space"/>.</param>
    /// <param name="count">N.</param>
    /// <param name="firstPass">The blocks of the first pass, whose norms hold here too.</param>
    public static RowCodes Build(BlockCoordinates coordinates, CodedSpace space, int count, ItemBlock[] firstPass)
    {
        var rowBytes = (space.Width + Unit - 1) / Unit * Unit;
        var rows = new AlignedBuffer<sbyte>((long)count * rowBytes);
        var blocks = new ItemBlock[firstPass.Length];
        for (var block = 0; block < blocks.Length; block++)
        {
            var first = block * ItemIndex.BlockItems;
            var last = Math.Min(count, first + ItemIndex.BlockItems);
            coordinates.Place(first, last);
            var scale = coordinates.Most / MaxItemCode;
            double maxError = 0;
            for (var position = first; position < last; position++)
            {
                maxError = Math.Max(
                    maxError,
                    Code(coordinates.Of(position), scale, rows.Span((long)position * rowBytes, rowBytes))
                );
            }
            blocks[block] = firstPass[block] with
            {
                MaxAugmentedNorm = coordinates.MaxNorm,
                Scale = scale,
                MaxError = maxError,
                MaxRest = coordinates.MaxRest,
            };
        }
        return new RowCodes(space, rowBytes, rows, blocks);
    }

    /// <summary>Codes a user.</summary>
    /// <param name="vector">[D].</param>
    /// <param name="codes">Receives <see cref="RowBytes"/> codes.</param>
    /// <param name="room">Room for D + <see cref="RowBytes"/> numbers.</param>
    /// <param name="norm">‖u‖.</param>
    public QuantizedUser Code(ReadOnlySpan<float> vector, Span<short> codes, Span<double> room, double norm)
    {
        var coordinates = room[..Space.Width];
        Space.PlaceUser(vector, coordinates, room[coordinates.Length..]);
        var scale = Math.Abs(TensorPrimitives.MaxMagnitude<double>(coordinates)) / MaxUserCode;
        double error = 0,
            coded = 0;
        for (var k = 0; k < coordinates.Length; k++)
        {
            var code = scale == 0 ? 0 : Math.Round(coordinates[k] / scale);
            var off = coordinates[k] - code * scale;
            (codes[k], error, coded) = ((short)code, error + off * off, coded + code * code);
        }
        return new QuantizedUser
        {
            Scale = scale,
            Norm = norm,
            CodedNorm = Math.Sqrt(coded) * scale,
            Error = Math.Sqrt(error),
            Rest = Space.RestAt < 0 ? 0 : coordinates[Space.RestAt],
        };
    }

    public void Dispose() => Rows.Dispose();

    // Returns how far the codes lie off.
    private static double Code(ReadOnlySpan<double> coordinates, double scale, Span<sbyte> codes)
    {
        double error = 0;
        for (var k = 0; k < coordinates.Length; k++)
        {
            var code = scale == 0 ? 0 : Math.Round(coordinates[k] / scale);
            var off = coordinates[k] - code * scale;
            (codes[k], error) = ((sbyte)code, error + off * off);
        }
        return Math.Sqrt(error);
    }
}
