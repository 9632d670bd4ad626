using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Search.Candidates;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

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
    /// <param name="near">The rows have been asked for.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Score(
        float* vector,
        float* rows,
        int padded,
        int* positions,
        int count,
        bool near,
        float* scores
    )
    {
        for (var i = 0; i < (near ? 0 : Math.Min(Rescoring.Ahead, count)); i++)
        {
            Rescoring.Prefetch(rows + (long)positions[i] * padded, padded);
        }
        var asked = near ? 0 : Rescoring.Together;
        for (var at = 0; at < count; at += Rescoring.Together)
        {
            var next = positions + Math.Min(at + Rescoring.Ahead, count);
            for (var i = 0; i < asked; i++)
            {
                Rescoring.Prefetch(rows + (long)next[i] * padded, padded);
            }
            CanonicalScore.Dot256(
                vector,
                rows + (long)positions[at] * padded,
                rows + (long)positions[at + 1] * padded,
                rows + (long)positions[at + 2] * padded,
                rows + (long)positions[at + 3] * padded,
                padded,
                scores + at
            );
        }
    }

    /// <summary>
    /// Writes the keys of scored positions (<see cref="CandidateList.Key"/>), on either width, eight at a time: seven
    /// more are read, and their keys written, than there are.
    /// </summary>
    /// <param name="products">u·v of each position.</param>
    /// <param name="tags">By position: <see cref="ItemIndex.Tags"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Keys(int* positions, float* products, int count, ulong* tags, ulong* keys)
    {
        for (var i = 0; i < count; i += Half)
        {
            var low = Tags(tags, positions + i);
            var high = Tags(tags, positions + i + Half / 2);
            // In the order 0 1 4 5 2 3 6 7, which unpacking puts right.
            var items = Avx.Shuffle(low, high, 0b10_00_10_00).AsInt32();
            var bits = (
                Avx2.Permute4x64(Vector256.Load(products + i).AsDouble(), 0b11_01_10_00).AsSingle()
                + Avx.Shuffle(low, high, 0b11_01_11_01)
            ).AsInt32();
            var monotone = bits ^ (Vector256.ShiftRightArithmetic(bits, 31) | Vector256.Create(int.MinValue));
            Avx2.UnpackLow(items, monotone).AsUInt64().Store(keys + i);
            Avx2.UnpackHigh(items, monotone).AsUInt64().Store(keys + i + Half / 2);
        }
    }

    // Four loads are faster than the instruction that gathers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Tags(ulong* tags, int* positions) =>
        Vector256
            .Create(
                Vector128.Create(tags[positions[0]], tags[positions[1]]),
                Vector128.Create(tags[positions[2]], tags[positions[3]])
            )
            .AsSingle();
}
