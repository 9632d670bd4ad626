using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>The steps of <see cref="Rescoring"/> on 256 bits.</summary>
internal static unsafe class Rescoring256
{
    // Positions that are written of each pair of panels, however few survived: a branch for more is seldom taken.
    private const int Few = 4;

    private const int Half = Rescoring.Lanes / 2;

    /// <summary>Lists the positions of the bits that are set, and repeats the last one up to the padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int List(uint* bits, int first, int* positions)
    {
        var count = 0;
        for (var panel = 0; panel < ItemIndex.BlockPanels; panel += 2)
        {
            var word = *(ulong*)(bits + panel);
            var at = (first + panel) * ItemIndex.PanelItems;
            var left = word;
            var next = positions + count;
            for (var i = 0; i < Few; i++, left &= left - 1)
            {
                next[i] = at + BitOperations.TrailingZeroCount(left);
            }
            for (next += Few; left != 0; left &= left - 1)
            {
                *next++ = at + BitOperations.TrailingZeroCount(left);
            }
            count += BitOperations.PopCount(word);
        }
        if (count > 0)
        {
            var last = Vector256.Create(positions[count - 1]);
            last.Store(positions + count);
            last.Store(positions + count + Half);
        }
        return count;
    }

    /// <summary>Writes u·v of each position, as <see cref="CanonicalScore"/> has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Score(float* vector, float* rows, int padded, int* positions, int count, float* scores)
    {
        for (var i = 0; i < Math.Min(Rescoring.Ahead, count); i++)
        {
            Rescoring.Fetch(rows + (long)positions[i] * padded, padded);
        }
        for (var at = 0; at < count; at += Rescoring.Together)
        {
            var next = positions + Math.Min(at + Rescoring.Ahead, count);
            for (var i = 0; i < Rescoring.Together; i++)
            {
                Rescoring.Fetch(rows + (long)next[i] * padded, padded);
            }
            CanonicalScore.Dot256(
                vector, rows + (long)positions[at] * padded, rows + (long)positions[at + 1] * padded,
                rows + (long)positions[at + 2] * padded, rows + (long)positions[at + 3] * padded, padded, scores + at);
        }
    }

    /// <summary>Adds the biases to sixteen products, and tells which scores are as large as the least.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Above(int* positions, float* products, float[]? biases, float least)
    {
        var (low, high) = (Vector256.Load(products), Vector256.Load(products + Half));
        if (biases is not null)
        {
            fixed (float* all = biases)
            {
                low += Avx2.GatherVector256(all, Vector256.Load(positions), sizeof(float));
                high += Avx2.GatherVector256(all, Vector256.Load(positions + Half), sizeof(float));
            }
            low.Store(products);
            high.Store(products + Half);
        }
        var limit = Vector256.Create(least);
        return Vector256.GreaterThanOrEqual(low, limit).ExtractMostSignificantBits()
            | Vector256.GreaterThanOrEqual(high, limit).ExtractMostSignificantBits() << Half;
    }
}
