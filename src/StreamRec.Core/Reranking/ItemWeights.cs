using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamRec.Reranking;

/// <summary>
/// weights.bin: how much an item of a history speaks for another one. Every pair where the items are few, else the
/// largest weights of each item. A weight is q·|q|·scale of its row, q being a signed byte: relative steps are even, so
/// that small weights keep their order beside a large one.
/// </summary>
public sealed class ItemWeights
{
    /// <summary>Kinds of files.</summary>
    internal const int Whole = 0,
        Sparse = 1;

    private const int HeaderBytes = 2 * sizeof(int);

    private ItemWeights(int rows, float[] scales, sbyte[] values, int[] starts, int[] items) =>
        (Rows, Scales, Values, Starts, Items) = (rows, scales, values, starts, items);

    /// <summary>N+1.</summary>
    public int Rows { get; }

    /// <summary>Whether there is a weight for every pair: then <see cref="Values"/> is [N+1,N+1].</summary>
    public bool IsWhole => Starts.Length == 0;

    internal float[] Scales { get; }

    internal sbyte[] Values { get; }

    /// <summary>Where rows begin in <see cref="Items"/>; none where all pairs are there.</summary>
    internal int[] Starts { get; }

    internal int[] Items { get; }

    /// <summary>All pairs.</summary>
    /// <param name="scales">N+1.</param>
    /// <param name="values">q, [N+1,N+1], row-major.</param>
    public static byte[] Write(ReadOnlySpan<float> scales, ReadOnlySpan<sbyte> values) =>
        [.. Header(Whole, scales.Length), .. Bytes(scales), .. MemoryMarshal.AsBytes(values)];

    /// <summary>Some pairs: those of row i from starts[i] to starts[i + 1], by ascending item.</summary>
    public static byte[] Write(
        ReadOnlySpan<float> scales,
        ReadOnlySpan<int> starts,
        ReadOnlySpan<int> items,
        ReadOnlySpan<sbyte> values
    ) =>
        [
            .. Header(Sparse, scales.Length),
            .. Bytes(scales),
            .. LittleEndian.Bytes(starts),
            .. LittleEndian.Bytes(items),
            .. MemoryMarshal.AsBytes(values),
        ];

    /// <summary>Reads the file; false where it is not one of so many rows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, int rows, [NotNullWhen(true)] out ItemWeights? weights)
    {
        weights = null;
        if (file.Length < HeaderBytes || BinaryPrimitives.ReadInt32LittleEndian(file[sizeof(int)..]) != rows)
        {
            return false;
        }
        var kind = BinaryPrimitives.ReadInt32LittleEndian(file);
        var reader = new LittleEndian(file[HeaderBytes..]);
        if (!reader.TryFloats(rows, out var scales) || !Array.TrueForAll(scales, float.IsFinite))
        {
            return false;
        }
        int[] starts = [],
            items = [];
        if (kind == Sparse && !reader.TrySparse(rows, out starts, out items))
        {
            return false;
        }
        var count = kind == Whole ? (long)rows * rows : items.Length;
        if (kind is not (Whole or Sparse) || reader.Left.Length != count)
        {
            return false;
        }
        weights = new ItemWeights(rows, scales, MemoryMarshal.Cast<byte, sbyte>(reader.Left).ToArray(), starts, items);
        return true;
    }

    /// <summary>How much an item of a history speaks for another one; 0 for a pair that the file lacks.</summary>
    public float Of(int item, int other)
    {
        var at = IsWhole
            ? ((long)item * Rows) + other
            : Array.BinarySearch(Items, Starts[item], Starts[item + 1] - Starts[item], other);
        return at < 0 ? 0 : Values[at] * Math.Abs((int)Values[at]) * Scales[item];
    }

    /// <summary>Asks the processor for an item's row.</summary>
    internal void Prefetch(int item)
    {
        if (IsWhole)
        {
            Numerics.Memory.CpuPrefetch.Of(Values, item * Rows, Rows);
            return;
        }
        var (first, count) = (Starts[item], Starts[item + 1] - Starts[item]);
        Numerics.Memory.CpuPrefetch.Of(Items, first, count);
        Numerics.Memory.CpuPrefetch.Of(Values, first, count);
    }

    private static byte[] Header(int kind, int rows) => LittleEndian.Bytes([kind, rows]);

    private static byte[] Bytes(ReadOnlySpan<float> values) =>
        LittleEndian.Bytes(MemoryMarshal.Cast<float, int>(values));
}
