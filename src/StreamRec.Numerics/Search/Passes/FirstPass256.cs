using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>
/// The first pass on 256 bits: a panel is two halves of 16 items. Kernels are not inlined: within their callers they
/// would lose registers.
/// </summary>
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
        var packed = Avx2.PackSignedSaturate(
            Avx2.CompareGreaterThan(low, threshold),
            Avx2.CompareGreaterThan(high, threshold)
        );
        return (uint)Avx2.MoveMask(Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Compare1(
        sbyte* panel,
        int panels,
        int pairs,
        uint* user,
        short threshold,
        uint* bits,
        RowPrefetch* ahead
    )
    {
        var stride = 64 * (pairs + 1);
        var least = Vector256.Create(threshold);
        for (var p = 0; p < panels; p += 2, panel += 2 * stride)
        {
            ahead->Prefetch();
            var at = panel;
            var (a, b) = (Vector256.Load((short*)at), Vector256.Load((short*)(at + 32)));
            var (c, d) = (Vector256.Load((short*)(at + stride)), Vector256.Load((short*)(at + stride + 32)));
            for (var k = 0; k < pairs; k++)
            {
                at += 64;
                var word = Repeat(user + k);
                a = Add(a, word, Vector256.Load(at));
                b = Add(b, word, Vector256.Load(at + 32));
                c = Add(c, word, Vector256.Load(at + stride));
                d = Add(d, word, Vector256.Load(at + stride + 32));
            }
            bits[p] = Above(a, b, least);
            bits[p + 1] = Above(c, d, least);
        }
    }

    /// <summary>2 users × 2 panels: eight sums in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Compare2(
        sbyte* panel,
        int panels,
        int pairs,
        uint** users,
        short* thresholds,
        uint* bits,
        RowPrefetch* ahead
    )
    {
        var stride = 64 * (pairs + 1);
        uint* u0 = users[0],
            u1 = users[1];
        var (least0, least1) = (Vector256.Create(thresholds[0]), Vector256.Create(thresholds[1]));
        for (var p = 0; p < panels; p += 2, panel += 2 * stride)
        {
            ahead->Prefetch();
            var at = panel;
            Vector256<short> a0,
                b0,
                c0,
                d0,
                a1,
                b1,
                c1,
                d1;
            a0 = a1 = Vector256.Load((short*)at);
            b0 = b1 = Vector256.Load((short*)(at + 32));
            c0 = c1 = Vector256.Load((short*)(at + stride));
            d0 = d1 = Vector256.Load((short*)(at + stride + 32));
            for (var k = 0; k < pairs; k++)
            {
                at += 64;
                var (a, b, c, d) = (
                    Vector256.Load(at),
                    Vector256.Load(at + 32),
                    Vector256.Load(at + stride),
                    Vector256.Load(at + stride + 32)
                );
                var word = Repeat(u0 + k);
                (a0, b0, c0, d0) = (Add(a0, word, a), Add(b0, word, b), Add(c0, word, c), Add(d0, word, d));
                word = Repeat(u1 + k);
                (a1, b1, c1, d1) = (Add(a1, word, a), Add(b1, word, b), Add(c1, word, c), Add(d1, word, d));
            }
            bits[p] = Above(a0, b0, least0);
            bits[p + 1] = Above(c0, d0, least0);
            bits[panels + p] = Above(a1, b1, least1);
            bits[panels + p + 1] = Above(c1, d1, least1);
        }
    }

    /// <summary>
    /// 4 users × 1 panel: eight sums as well, but half the loads of items, which a batch is bound by.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Compare4(
        sbyte* panel,
        int panels,
        int pairs,
        uint** users,
        short* thresholds,
        uint* bits,
        RowPrefetch* ahead
    )
    {
        uint* u0 = users[0],
            u1 = users[1],
            u2 = users[2],
            u3 = users[3];
        var (least0, least1) = (Vector256.Create(thresholds[0]), Vector256.Create(thresholds[1]));
        var (least2, least3) = (Vector256.Create(thresholds[2]), Vector256.Create(thresholds[3]));
        for (var p = 0; p < panels; p++, panel += 64)
        {
            ahead->Prefetch();
            Vector256<short> a0,
                b0,
                a1,
                b1,
                a2,
                b2,
                a3,
                b3;
            a0 = a1 = a2 = a3 = Vector256.Load((short*)panel);
            b0 = b1 = b2 = b3 = Vector256.Load((short*)(panel + 32));
            for (var k = 0; k < pairs; k++)
            {
                panel += 64;
                var (a, b) = (Vector256.Load(panel), Vector256.Load(panel + 32));
                var word = Repeat(u0 + k);
                (a0, b0) = (Add(a0, word, a), Add(b0, word, b));
                word = Repeat(u1 + k);
                (a1, b1) = (Add(a1, word, a), Add(b1, word, b));
                word = Repeat(u2 + k);
                (a2, b2) = (Add(a2, word, a), Add(b2, word, b));
                word = Repeat(u3 + k);
                (a3, b3) = (Add(a3, word, a), Add(b3, word, b));
            }
            bits[p] = Above(a0, b0, least0);
            bits[panels + p] = Above(a1, b1, least1);
            bits[2 * panels + p] = Above(a2, b2, least2);
            bits[3 * panels + p] = Above(a3, b3, least3);
        }
    }
}
