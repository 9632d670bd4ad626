using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamRec.Reranking;

/// <summary>Reads arrays of 4-byte numbers off the front of a file.</summary>
internal ref struct LittleEndian(ReadOnlySpan<byte> bytes)
{
    /// <summary>What was not read yet.</summary>
    public ReadOnlySpan<byte> Left { get; private set; } = bytes;

    public static byte[] Bytes(ReadOnlySpan<int> values)
    {
        var bytes = new byte[values.Length * sizeof(int)];
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
        }
        else
        {
            BinaryPrimitives.ReverseEndianness(values, MemoryMarshal.Cast<byte, int>(bytes.AsSpan()));
        }
        return bytes;
    }

    public bool TryInts(long count, out int[] values)
    {
        values = [];
        if (count < 0 || count > Left.Length / sizeof(int))
        {
            return false;
        }
        values = MemoryMarshal.Cast<byte, int>(Left[..((int)count * sizeof(int))]).ToArray();
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(values, values);
        }
        Left = Left[((int)count * sizeof(int))..];
        return true;
    }

    public bool TryFloats(long count, out float[] values)
    {
        var read = TryInts(count, out var bits);
        values = MemoryMarshal.Cast<int, float>(bits).ToArray();
        return read;
    }

    /// <summary>
    /// Starts of rows, and their items, each row's ascending and below the number of rows; row 0 is empty.
    /// </summary>
    public bool TrySparse(int rows, out int[] starts, out int[] items)
    {
        items = [];
        if (!TryInts(rows + 1L, out starts) || starts[0] != 0 || !TryInts(starts[rows], out items) || starts[1] != 0)
        {
            return false;
        }
        for (var row = 1; row < rows; row++)
        {
            if (starts[row] > starts[row + 1] || starts[row + 1] > items.Length)
            {
                return false;
            }
            var last = 0;
            foreach (var item in items.AsSpan(starts[row]..starts[row + 1]))
            {
                if (item <= last || item >= rows)
                {
                    return false;
                }
                last = item;
            }
        }
        return true;
    }
}
