using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Ranking.Variety;

/// <summary>Values that fall one at a time, and which of them is the largest: the first of equal ones.</summary>
internal sealed class BestCandidate
{
    private const int Block = 16;

    // Whole blocks, and of each block its largest value; what is no value is −∞.
    private float[] _values = [];
    private float[] _largest = [];
    private int _blocks;

    /// <summary>Begins with so many values, to be set with <see cref="Begin"/> before <see cref="Ready"/>.</summary>
    public Span<float> Begin(int count)
    {
        _blocks = Whole(count) / Block;
        if (_values.Length < Whole(count))
        {
            (_values, _largest) = (new float[Whole(count)], new float[Whole(_blocks)]);
        }
        _values.AsSpan(count, Whole(count) - count).Fill(float.NegativeInfinity);
        _largest.AsSpan(_blocks, Whole(_blocks) - _blocks).Fill(float.NegativeInfinity);
        return _values.AsSpan(0, count);
    }

    public void Ready()
    {
        for (var block = 0; block < _blocks; block++)
        {
            _largest[block] = Values(block)[IndexOfMax(Values(block))];
        }
    }

    public int Best()
    {
        var block = IndexOfMax(_largest.AsSpan(0, Whole(_blocks)));
        return (block * Block) + IndexOfMax(Values(block));
    }

    public void Set(int candidate, float value)
    {
        _values[candidate] = value;
        var block = Values(candidate / Block);
        _largest[candidate / Block] = block[IndexOfMax(block)];
    }

    private static int Whole(int count) => (count + Block - 1) / Block * Block;

    private ReadOnlySpan<float> Values(int block) => _values.AsSpan(block * Block, Block);

    // Of whole blocks.
    private static int IndexOfMax(ReadOnlySpan<float> values)
    {
        var parts = MemoryMarshal.Cast<float, Vector256<float>>(values);
        var most = Vector256.Max(parts[0], parts[1]);
        for (var at = 2; at < parts.Length; at++)
        {
            most = Vector256.Max(most, parts[at]);
        }
        most = Vector256.Max(most, Vector256.Shuffle(most, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)));
        most = Vector256.Max(most, Vector256.Shuffle(most, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));
        most = Vector256.Max(most, Vector256.Shuffle(most, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));
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
}
