using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamRec.Reranking;

/// <summary>
/// transitions.bin: how often an item stood one, two or three events behind another one in the training data, and the
/// sum over up to five events, Σ .7^(k−1)·count_k, of the items with the largest sums.
/// </summary>
public sealed class ItemTransitions
{
    /// <summary>Lags that are counted one by one.</summary>
    public const int Lags = 3;

    private ItemTransitions(int[] counts, int[] starts, int[] items, ushort[][] behind, float[] sums) =>
        (Counts, Starts, Items, Behind, Sums, Events) = (counts, starts, items, behind, sums, counts.Sum(n => (long)n));

    /// <summary>N+1: how often each item stood in the training data.</summary>
    internal int[] Counts { get; }

    internal long Events { get; }

    /// <summary>Where rows begin in what follows.</summary>
    internal int[] Starts { get; }

    internal int[] Items { get; }

    /// <summary>Counts at lag 1, 2 and 3; 65,535 stands for as many or more.</summary>
    internal ushort[][] Behind { get; }

    internal float[] Sums { get; }

    /// <param name="counts">N+1.</param>
    /// <param name="starts">N+2: the entries of item i are those from starts[i] to starts[i + 1].</param>
    /// <param name="items">Ascending within a row.</param>
    /// <param name="behind">For each lag.</param>
    public static byte[] Write(
        ReadOnlySpan<int> counts,
        ReadOnlySpan<int> starts,
        ReadOnlySpan<int> items,
        IReadOnlyList<ushort[]> behind,
        ReadOnlySpan<float> sums
    )
    {
        using var file = new MemoryStream();
        file.Write(LittleEndian.Bytes([counts.Length]));
        file.Write(LittleEndian.Bytes(counts));
        file.Write(LittleEndian.Bytes(starts));
        file.Write(LittleEndian.Bytes(items));
        file.Write(LittleEndian.Bytes(MemoryMarshal.Cast<float, int>(sums)));
        foreach (var lag in behind)
        {
            file.Write(MemoryMarshal.AsBytes(InOrder(lag).AsSpan()));
        }
        return file.ToArray();
    }

    /// <summary>Reads the file; false where it is not one of so many rows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, int rows, [NotNullWhen(true)] out ItemTransitions? transitions)
    {
        transitions = null;
        var reader = new LittleEndian(file);
        if (
            !reader.TryInts(1, out var header)
            || header[0] != rows
            || !reader.TryInts(rows, out var counts)
            || !Array.TrueForAll(counts, count => count >= 0)
            || !reader.TrySparse(rows, out var starts, out var items)
            || !reader.TryFloats(items.Length, out var sums)
            || !Array.TrueForAll(sums, sum => float.IsFinite(sum) && sum >= 0)
            || reader.Left.Length != (long)items.Length * sizeof(ushort) * Lags
        )
        {
            return false;
        }
        var all = InOrder(MemoryMarshal.Cast<byte, ushort>(reader.Left).ToArray());
        var behind = new ushort[Lags][];
        for (var lag = 0; lag < Lags; lag++)
        {
            behind[lag] = all[(lag * items.Length)..((lag + 1) * items.Length)];
        }
        transitions = new ItemTransitions(counts, starts, items, behind, sums);
        return true;
    }

    /// <summary>Asks the processor for an item's row.</summary>
    internal void Prefetch(int item)
    {
        var (first, count) = (Starts[item], Starts[item + 1] - Starts[item]);
        Numerics.Memory.CpuPrefetch.Of(Items, first, count);
        Numerics.Memory.CpuPrefetch.Of(Sums, first, count);
    }

    private static ushort[] InOrder(ushort[] values)
    {
        if (BitConverter.IsLittleEndian)
        {
            return values;
        }
        var turned = new ushort[values.Length];
        BinaryPrimitives.ReverseEndianness(values, turned);
        return turned;
    }
}
