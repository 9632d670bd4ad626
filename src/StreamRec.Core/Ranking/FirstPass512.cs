using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>The first pass on 512 bits. Kernels are not inlined, see <see cref="FirstPass256"/>.</summary>
internal static unsafe class FirstPass512
{
    // sum += (user bytes · item bytes), pair by pair.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Add(Vector512<short> sum, Vector512<byte> user, Vector512<sbyte> items) =>
        Avx512BW.Add(sum, Avx512BW.MultiplyAddAdjacent(user, items));

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
            sbyte* a = panel, b = a + stride, c = b + stride, d = c + stride;
            var (s0, s1, s2, s3) = (
                Vector512.Load((short*)a), Vector512.Load((short*)b), Vector512.Load((short*)c), Vector512.Load((short*)d));
            for (var k = 0; k < pairs; k++)
            {
                a += 64;
                b += 64;
                c += 64;
                d += 64;
                var word = Repeat(user + k);
                s0 = Add(s0, word, Vector512.Load(a));
                s1 = Add(s1, word, Vector512.Load(b));
                s2 = Add(s2, word, Vector512.Load(c));
                s3 = Add(s3, word, Vector512.Load(d));
            }
            s0.Store(products);
            s1.Store(products + 32);
            s2.Store(products + 64);
            s3.Store(products + 96);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Compare1(sbyte* panel, int panels, int pairs, uint* user, short threshold, uint* bits)
    {
        var stride = 64 * (pairs + 1);
        var least = Vector512.Create(threshold);
        for (var p = 0; p < panels; p += 4, panel += 4 * stride)
        {
            sbyte* a = panel, b = a + stride, c = b + stride, d = c + stride;
            var (s0, s1, s2, s3) = (
                Vector512.Load((short*)a), Vector512.Load((short*)b), Vector512.Load((short*)c), Vector512.Load((short*)d));
            for (var k = 0; k < pairs; k++)
            {
                a += 64;
                b += 64;
                c += 64;
                d += 64;
                var word = Repeat(user + k);
                s0 = Add(s0, word, Vector512.Load(a));
                s1 = Add(s1, word, Vector512.Load(b));
                s2 = Add(s2, word, Vector512.Load(c));
                s3 = Add(s3, word, Vector512.Load(d));
            }
            bits[p] = Above(s0, least);
            bits[p + 1] = Above(s1, least);
            bits[p + 2] = Above(s2, least);
            bits[p + 3] = Above(s3, least);
        }
    }

    /// <summary>2 users × 4 panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Compare2(sbyte* panel, int panels, int pairs, uint** users, short* thresholds, uint* bits)
    {
        var stride = 64 * (pairs + 1);
        uint* u0 = users[0], u1 = users[1];
        for (var p = 0; p < panels; p += 4, panel += 4 * stride)
        {
            var at = panel;
            Vector512<short> s00, s01, s02, s03, s10, s11, s12, s13;
            s00 = s10 = Vector512.Load((short*)at);
            s01 = s11 = Vector512.Load((short*)(at + stride));
            s02 = s12 = Vector512.Load((short*)(at + 2 * stride));
            s03 = s13 = Vector512.Load((short*)(at + 3 * stride));
            for (var k = 0; k < pairs; k++)
            {
                at += 64;
                var (a, b, c, d) = (
                    Vector512.Load(at), Vector512.Load(at + stride), Vector512.Load(at + 2 * stride), Vector512.Load(at + 3 * stride));
                var word = Repeat(u0 + k);
                (s00, s01, s02, s03) = (Add(s00, word, a), Add(s01, word, b), Add(s02, word, c), Add(s03, word, d));
                word = Repeat(u1 + k);
                (s10, s11, s12, s13) = (Add(s10, word, a), Add(s11, word, b), Add(s12, word, c), Add(s13, word, d));
            }
            Store(bits + p, s00, s01, s02, s03, thresholds[0]);
            Store(bits + panels + p, s10, s11, s12, s13, thresholds[1]);
        }
    }

    /// <summary>4 users × 4 panels: sixteen sums in registers, each item vector and each user word loaded once for four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Compare4(sbyte* panel, int panels, int pairs, uint** users, short* thresholds, uint* bits)
    {
        var stride = 64 * (pairs + 1);
        uint* u0 = users[0], u1 = users[1], u2 = users[2], u3 = users[3];
        for (var p = 0; p < panels; p += 4, panel += 4 * stride)
        {
            var at = panel;
            Vector512<short> s00, s01, s02, s03, s10, s11, s12, s13, s20, s21, s22, s23, s30, s31, s32, s33;
            s00 = s10 = s20 = s30 = Vector512.Load((short*)at);
            s01 = s11 = s21 = s31 = Vector512.Load((short*)(at + stride));
            s02 = s12 = s22 = s32 = Vector512.Load((short*)(at + 2 * stride));
            s03 = s13 = s23 = s33 = Vector512.Load((short*)(at + 3 * stride));
            for (var k = 0; k < pairs; k++)
            {
                at += 64;
                var (a, b, c, d) = (
                    Vector512.Load(at), Vector512.Load(at + stride), Vector512.Load(at + 2 * stride), Vector512.Load(at + 3 * stride));
                var word = Repeat(u0 + k);
                (s00, s01, s02, s03) = (Add(s00, word, a), Add(s01, word, b), Add(s02, word, c), Add(s03, word, d));
                word = Repeat(u1 + k);
                (s10, s11, s12, s13) = (Add(s10, word, a), Add(s11, word, b), Add(s12, word, c), Add(s13, word, d));
                word = Repeat(u2 + k);
                (s20, s21, s22, s23) = (Add(s20, word, a), Add(s21, word, b), Add(s22, word, c), Add(s23, word, d));
                word = Repeat(u3 + k);
                (s30, s31, s32, s33) = (Add(s30, word, a), Add(s31, word, b), Add(s32, word, c), Add(s33, word, d));
            }
            Store(bits + p, s00, s01, s02, s03, thresholds[0]);
            Store(bits + panels + p, s10, s11, s12, s13, thresholds[1]);
            Store(bits + 2 * panels + p, s20, s21, s22, s23, thresholds[2]);
            Store(bits + 3 * panels + p, s30, s31, s32, s33, thresholds[3]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        uint* bits, Vector512<short> a, Vector512<short> b, Vector512<short> c, Vector512<short> d, short threshold)
    {
        var least = Vector512.Create(threshold);
        bits[0] = Above(a, least);
        bits[1] = Above(b, least);
        bits[2] = Above(c, least);
        bits[3] = Above(d, least);
    }
}
