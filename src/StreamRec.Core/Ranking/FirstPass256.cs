using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>The first pass on 256 bits: a panel is two halves of 16 items.</summary>
internal static unsafe class FirstPass256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Add(Vector256<short> sum, Vector256<byte> user, Vector256<sbyte> items) =>
        Avx2.Add(sum, Avx2.MultiplyAddAdjacent(user, items));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Repeat(uint* word) => Vector256.Create(*word).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Above(Vector256<short> low, Vector256<short> high, Vector256<short> threshold)
    {
        // Packing keeps the sign, but in the order low₀ high₀ low₁ high₁ of 64-bit quarters.
        var packed = Avx2.PackSignedSaturate(Avx2.CompareGreaterThan(low, threshold), Avx2.CompareGreaterThan(high, threshold));
        return (uint)Avx2.MoveMask(Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(sbyte* panel, int panels, int pairs, uint* user, short* products)
    {
        for (var p = 0; p < panels; p++, panel += 64 * (pairs + 1), products += 32)
        {
            var (low, high) = (Vector256.Load((short*)panel), Vector256.Load((short*)(panel + 32)));
            for (var k = 0; k < pairs; k++)
            {
                var word = Repeat(user + k);
                low = Add(low, word, Vector256.Load(panel + 64 * (k + 1)));
                high = Add(high, word, Vector256.Load(panel + 64 * (k + 1) + 32));
            }
            low.Store(products);
            high.Store(products + 16);
        }
    }

    /// <summary>2 users × 2 panels: eight sums in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compare2(
        sbyte* panel, int panels, int pairs, uint* user0, uint* user1, short threshold0, short threshold1, uint* bits0, uint* bits1)
    {
        var stride = 64 * (pairs + 1);
        var (least0, least1) = (Vector256.Create(threshold0), Vector256.Create(threshold1));
        for (var p = 0; p < panels; p += 2, panel += 2 * stride)
        {
            var at = panel;
            Vector256<short> a0, b0, c0, d0, a1, b1, c1, d1;
            a0 = a1 = Vector256.Load((short*)at);
            b0 = b1 = Vector256.Load((short*)(at + 32));
            c0 = c1 = Vector256.Load((short*)(at + stride));
            d0 = d1 = Vector256.Load((short*)(at + stride + 32));
            for (var k = 0; k < pairs; k++)
            {
                at += 64;
                var (a, b, c, d) = (
                    Vector256.Load(at), Vector256.Load(at + 32), Vector256.Load(at + stride), Vector256.Load(at + stride + 32));
                var word = Repeat(user0 + k);
                (a0, b0, c0, d0) = (Add(a0, word, a), Add(b0, word, b), Add(c0, word, c), Add(d0, word, d));
                word = Repeat(user1 + k);
                (a1, b1, c1, d1) = (Add(a1, word, a), Add(b1, word, b), Add(c1, word, c), Add(d1, word, d));
            }
            bits0[p] = Above(a0, b0, least0);
            bits0[p + 1] = Above(c0, d0, least0);
            bits1[p] = Above(a1, b1, least1);
            bits1[p + 1] = Above(c1, d1, least1);
        }
    }
}
