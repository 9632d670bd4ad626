using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Ranking.Variety;

/// <summary>Values that fall, and which of them is the largest: the first of equal ones.</summary>
internal sealed class BestCandidate
{
    /// <summary>Values that are compared together.</summary>
    public const int Block = 16;

    // Whole blocks, and of each block its largest value; what is no value is −∞.
    private float[] _values = [];
    private float[] _largest = [];
    private int _blocks;

    /// <summary>So many, in whole blocks.</summary>
    public static int Whole(int count) => (count + Block - 1) / Block * Block;

    /// <summary>Room for so many values, in whole blocks, all to be set before <see cref="Ready"/>.</summary>
    public Span<float> Begin(int count)
    {
        _blocks = Whole(count) / Block;
        if (_values.Length < Whole(count))
        {
            (_values, _largest) = (new float[Whole(count)], new float[Whole(_blocks)]);
        }
        _largest.AsSpan(_blocks, Whole(_blocks) - _blocks).Fill(float.NegativeInfinity);
        return _values.AsSpan(0, Whole(count));
    }

    /// <summary>To be called when values were set by other means than <see cref="Set"/>.</summary>
    public void Ready()
    {
        for (var block = 0; block < _blocks; block++)
        {
            _largest[block] = Max(Parts(block)).ToScalar();
        }
    }

    public int Best()
    {
        var block = IndexOfMax(MemoryMarshal.Cast<float, Vector256<float>>(_largest.AsSpan(0, Whole(_blocks))));
        return (block * Block) + IndexOfMax(Parts(block));
    }

    public void Set(int candidate, float value)
    {
        _values[candidate] = value;
        _largest[candidate / Block] = Max(Parts(candidate / Block)).ToScalar();
    }

    private ReadOnlySpan<Vector256<float>> Parts(int block) =>
        MemoryMarshal.Cast<float, Vector256<float>>(_values.AsSpan(block * Block, Block));

    private static int IndexOfMax(ReadOnlySpan<Vector256<float>> parts)
    {
        var most = Max(parts);
        for (var at = 0; ; at += 2)
        {
            var equal =
                Vector256.Equals(parts[at], most).ExtractMostSignificantBits()
                | (Vector256.Equals(parts[at + 1], most).ExtractMostSignificantBits() << Vector256<float>.Count);
            if (equal != 0)
            {
                return (at * Vector256<float>.Count) + BitOperations.TrailingZeroCount(equal);
            }
        }
    }

    // In every lane, of whole blocks.
    private static Vector256<float> Max(ReadOnlySpan<Vector256<float>> parts)
    {
        var most = Larger(parts[0], parts[1]);
        for (var at = 2; at < parts.Length; at++)
        {
            most = Larger(most, parts[at]);
        }
        most = Larger(most, Vector256.Shuffle(most, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)));
        most = Larger(most, Vector256.Shuffle(most, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));
        return Larger(most, Vector256.Shuffle(most, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));
    }

    // Values are numbers, or −∞: one instruction.
    private static Vector256<float> Larger(Vector256<float> x, Vector256<float> y) => Vector256.MaxNative(x, y);
}
