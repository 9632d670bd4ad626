using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>The first pass on 512 bits. Kernels are not inlined, see <see cref="FirstPass256"/>.</summary>
internal static unsafe class FirstPass512
{
    // User bytes · item bytes, pair by pair. Kernels make four of them before they add them up: one addition after each
    // product costs a quarter more where processors give every other instruction to the same half of their units (Zen
    // 4).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Multiply(Vector512<byte> user, Vector512<sbyte> items) =>
        Avx512BW.MultiplyAddAdjacent(user, items);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Repeat(uint* word) => Vector512.Create(*word).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Above(Vector512<short> products, Vector512<short> threshold) =>
        (uint)Avx512BW.CompareGreaterThan(products, threshold).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Products(sbyte* panel, int panels, int pairs, uint* user, short* products)
    {
        var stride = 64 * (pairs + 1);
        for (var p = 0; p < panels; p += 4, panel += 4 * stride, products += 4 * 32)
        {
            sbyte* a = panel,
                b = a + stride,
                c = b + stride,
                d = c + stride;
            var (s0, s1, s2, s3) = (
                Vector512.Load((short*)a),
                Vector512.Load((short*)b),
                Vector512.Load((short*)c),
                Vector512.Load((short*)d)
            );
            for (var k = 0; k < pairs; k++)
            {
                a += 64;
                b += 64;
                c += 64;
                d += 64;
                var word = Repeat(user + k);
                var (m0, m1, m2, m3) = (
                    Multiply(word, Vector512.Load(a)),
                    Multiply(word, Vector512.Load(b)),
                    Multiply(word, Vector512.Load(c)),
                    Multiply(word, Vector512.Load(d))
                );
                (s0, s1, s2, s3) = (s0 + m0, s1 + m1, s2 + m2, s3 + m3);
            }
            s0.Store(products);
            s1.Store(products + 32);
            s2.Store(products + 64);
            s3.Store(products + 96);
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
        var least = Vector512.Create(threshold);
        for (var p = 0; p < panels; p += 4, panel += 4 * stride)
        {
            ahead->Prefetch();
            sbyte* a = panel,
                b = a + stride,
                c = b + stride,
                d = c + stride;
            var (s0, s1, s2, s3) = (
                Vector512.Load((short*)a),
                Vector512.Load((short*)b),
                Vector512.Load((short*)c),
                Vector512.Load((short*)d)
            );
            for (var k = 0; k < pairs; k++)
            {
                a += 64;
                b += 64;
                c += 64;
                d += 64;
                var word = Repeat(user + k);
                var (m0, m1, m2, m3) = (
                    Multiply(word, Vector512.Load(a)),
                    Multiply(word, Vector512.Load(b)),
                    Multiply(word, Vector512.Load(c)),
                    Multiply(word, Vector512.Load(d))
                );
                (s0, s1, s2, s3) = (s0 + m0, s1 + m1, s2 + m2, s3 + m3);
            }
            bits[p] = Above(s0, least);
            bits[p + 1] = Above(s1, least);
            bits[p + 2] = Above(s2, least);
            bits[p + 3] = Above(s3, least);
        }
    }

    /// <summary>2 users × 4 panels.</summary>
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
        for (var p = 0; p < panels; p += 4, panel += 4 * stride)
        {
            ahead->Prefetch();
            var at = panel;
            Vector512<short> s00,
                s01,
                s02,
                s03,
                s10,
                s11,
                s12,
                s13;
            s00 = s10 = Vector512.Load((short*)at);
            s01 = s11 = Vector512.Load((short*)(at + stride));
            s02 = s12 = Vector512.Load((short*)(at + 2 * stride));
            s03 = s13 = Vector512.Load((short*)(at + 3 * stride));
            for (var k = 0; k < pairs; k++)
            {
                at += 64;
                var (a, b, c, d) = (
                    Vector512.Load(at),
                    Vector512.Load(at + stride),
                    Vector512.Load(at + 2 * stride),
                    Vector512.Load(at + 3 * stride)
                );
                var word = Repeat(u0 + k);
                var (m0, m1, m2, m3) = (Multiply(word, a), Multiply(word, b), Multiply(word, c), Multiply(word, d));
                (s00, s01, s02, s03) = (s00 + m0, s01 + m1, s02 + m2, s03 + m3);
                word = Repeat(u1 + k);
                (m0, m1, m2, m3) = (Multiply(word, a), Multiply(word, b), Multiply(word, c), Multiply(word, d));
                (s10, s11, s12, s13) = (s10 + m0, s11 + m1, s12 + m2, s13 + m3);
            }
            Store(bits + p, s00, s01, s02, s03, thresholds[0]);
            Store(bits + panels + p, s10, s11, s12, s13, thresholds[1]);
        }
    }

    /// <summary>
    /// 4 users × 4 panels: sixteen sums in registers, each item vector and each user word loaded once for four.
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
        var stride = 64 * (pairs + 1);
        uint* u0 = users[0],
            u1 = users[1],
            u2 = users[2],
            u3 = users[3];
        for (var p = 0; p < panels; p += 4, panel += 4 * stride)
        {
            ahead->Prefetch();
            var at = panel;
            Vector512<short> s00,
                s01,
                s02,
                s03,
                s10,
                s11,
                s12,
                s13,
                s20,
                s21,
                s22,
                s23,
                s30,
                s31,
                s32,
                s33;
            s00 = s10 = s20 = s30 = Vector512.Load((short*)at);
            s01 = s11 = s21 = s31 = Vector512.Load((short*)(at + stride));
            s02 = s12 = s22 = s32 = Vector512.Load((short*)(at + 2 * stride));
            s03 = s13 = s23 = s33 = Vector512.Load((short*)(at + 3 * stride));
            for (var k = 0; k < pairs; k++)
            {
                at += 64;
                var (a, b, c, d) = (
                    Vector512.Load(at),
                    Vector512.Load(at + stride),
                    Vector512.Load(at + 2 * stride),
                    Vector512.Load(at + 3 * stride)
                );
                var word = Repeat(u0 + k);
                var (m0, m1, m2, m3) = (Multiply(word, a), Multiply(word, b), Multiply(word, c), Multiply(word, d));
                (s00, s01, s02, s03) = (s00 + m0, s01 + m1, s02 + m2, s03 + m3);
                word = Repeat(u1 + k);
                (m0, m1, m2, m3) = (Multiply(word, a), Multiply(word, b), Multiply(word, c), Multiply(word, d));
                (s10, s11, s12, s13) = (s10 + m0, s11 + m1, s12 + m2, s13 + m3);
                word = Repeat(u2 + k);
                (m0, m1, m2, m3) = (Multiply(word, a), Multiply(word, b), Multiply(word, c), Multiply(word, d));
                (s20, s21, s22, s23) = (s20 + m0, s21 + m1, s22 + m2, s23 + m3);
                word = Repeat(u3 + k);
                (m0, m1, m2, m3) = (Multiply(word, a), Multiply(word, b), Multiply(word, c), Multiply(word, d));
                (s30, s31, s32, s33) = (s30 + m0, s31 + m1, s32 + m2, s33 + m3);
            }
            Store(bits + p, s00, s01, s02, s03, thresholds[0]);
            Store(bits + panels + p, s10, s11, s12, s13, thresholds[1]);
            Store(bits + 2 * panels + p, s20, s21, s22, s23, thresholds[2]);
            Store(bits + 3 * panels + p, s30, s31, s32, s33, thresholds[3]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        uint* bits,
        Vector512<short> a,
        Vector512<short> b,
        Vector512<short> c,
        Vector512<short> d,
        short threshold
    )
    {
        var least = Vector512.Create(threshold);
        bits[0] = Above(a, least);
        bits[1] = Above(b, least);
        bits[2] = Above(c, least);
        bits[3] = Above(d, least);
    }
}
