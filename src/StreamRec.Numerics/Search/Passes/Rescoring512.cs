using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>The steps of <see cref="Rescoring"/> on 512 bits.</summary>
internal static unsafe class Rescoring512
{
    private const int Lanes = Rescoring.Lanes;

    private static Vector512<int> Numbers => Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    private static Vector512<uint> Bits =>
        Vector512.Create(
            1u,
            1 << 1,
            1 << 2,
            1 << 3,
            1 << 4,
            1 << 5,
            1 << 6,
            1 << 7,
            1 << 8,
            1 << 9,
            1 << 10,
            1 << 11,
            1 << 12,
            1 << 13,
            1 << 14,
            1 << 15
        );

    /// <summary>Lists the positions of the bits that are set, and repeats the last one up to the padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int List(uint* bits, int first, int* positions)
    {
        var halves = (ushort*)bits;
        var count = 0;
        for (var some = 0; some < 2 * ItemIndex.BlockPanels; some += Vector512<ushort>.Count)
        {
            var filled = ~(uint)
                Vector512.Equals(Vector512.Load(halves + some), Vector512<ushort>.Zero).ExtractMostSignificantBits();
            for (; filled != 0; filled &= filled - 1)
            {
                var half = some + BitOperations.TrailingZeroCount(filled);
                var set = Vector512.Equals(Vector512.Create((uint)halves[half]) & Bits, Bits).AsInt32();
                var position = Numbers + Vector512.Create(first * ItemIndex.PanelItems + half * Lanes);
                Avx512F.Compress(Vector512<int>.Zero, set, position).Store(positions + count);
                count += BitOperations.PopCount(halves[half]);
            }
        }
        if (count > 0)
        {
            Vector512.Create(positions[count - 1]).Store(positions + count);
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
            CanonicalScore.Dot512(
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
}
