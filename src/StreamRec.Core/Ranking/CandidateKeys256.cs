using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>
/// The passes of <see cref="CandidateKeys"/> on 256 bits: two vectors of four keys at a time. AVX2 compares signed numbers, so
/// keys are taken with their first bit turned over, which keeps their order.
/// </summary>
internal static unsafe class CandidateKeys256
{
    private const int Lanes = 4;
    private const long Least = long.MinValue;

    // For each mask of four lanes, where the 32-bit halves of those that stay come from.
    private static readonly int[] s_squeeze = Squeezes();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Max(ulong* keys, int count)
    {
        var (a, b) = (Vector256.Create(Least), Vector256.Create(Least));
        for (var i = 0; i < count; i += 2 * Lanes)
        {
            a = Larger(a, Signed(keys + i));
            b = Larger(b, Signed(keys + i + Lanes));
        }
        a = Larger(a, b);
        return Unsigned(Math.Max(Math.Max(a[0], a[1]), Math.Max(a[2], a[3])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Above(ulong* keys, int count, ulong limit)
    {
        var limits = Vector256.Create(Signed(limit));
        var (a, b) = (Vector256<long>.Zero, Vector256<long>.Zero);
        for (var i = 0; i < count; i += 2 * Lanes)
        {
            a -= Avx2.CompareGreaterThan(Signed(keys + i), limits);
            b -= Avx2.CompareGreaterThan(Signed(keys + i + Lanes), limits);
        }
        return (int)Vector256.Sum(a + b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong LeastFrom(ulong* keys, int count, ulong limit)
    {
        var limits = Vector256.Create(Signed(limit));
        var all = Vector256.Create(long.MaxValue);
        for (var i = 0; i < count; i += Lanes)
        {
            var some = Signed(keys + i);
            var worse = Avx2.CompareGreaterThan(limits, some) | Avx2.CompareGreaterThan(some, all);
            all = Avx2.BlendVariable(some, all, worse);
        }
        return Unsigned(Math.Min(Math.Min(all[0], all[1]), Math.Min(all[2], all[3])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Keep(ulong* keys, int count, ulong limit)
    {
        var kept = 0;
        var limits = Vector256.Create(Signed(limit));
        ref var squeeze = ref MemoryMarshal.GetArrayDataReference(s_squeeze);
        for (var i = 0; i < count; i += Lanes)
        {
            var some = Vector256.Load(keys + i);
            var stay = ~Avx2.CompareGreaterThan(limits, Signed(keys + i)).ExtractMostSignificantBits() & 0b1111;
            var from = Vector256.LoadUnsafe(ref squeeze, 2 * Lanes * stay);
            Avx2.PermuteVar8x32(some.AsInt32(), from).AsUInt64().Store(keys + kept);
            kept += BitOperations.PopCount(stay);
        }
        return kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Order(ulong* keys, int count, ulong* ordered)
    {
        for (var i = 0; i < count; i += 2 * Lanes)
        {
            var (a, b) = (Signed(keys + i), Signed(keys + i + Lanes));
            var (aboveA, aboveB) = (Vector256<long>.Zero, Vector256<long>.Zero);
            for (var other = 0; other < count; other++)
            {
                var one = Vector256.Create(Signed(keys[other]));
                aboveA -= Avx2.CompareGreaterThan(one, a);
                aboveB -= Avx2.CompareGreaterThan(one, b);
            }
            for (var lane = 0; lane < 2 * Lanes && i + lane < count; lane++)
            {
                ordered[lane < Lanes ? aboveA[lane] : aboveB[lane - Lanes]] = keys[i + lane];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Larger(Vector256<long> a, Vector256<long> b) =>
        Avx2.BlendVariable(b, a, Avx2.CompareGreaterThan(a, b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Signed(ulong* keys) => Vector256.Load((long*)keys) ^ Vector256.Create(Least);

    private static long Signed(ulong key) => (long)key ^ Least;

    private static ulong Unsigned(long key) => (ulong)(key ^ Least);

    private static int[] Squeezes()
    {
        var squeezes = new int[16 * 2 * Lanes];
        for (var mask = 0; mask < 16; mask++)
        {
            var at = 2 * Lanes * mask;
            for (var lane = 0; lane < Lanes; lane++)
            {
                if ((mask >> lane & 1) != 0)
                {
                    (squeezes[at], squeezes[at + 1]) = (2 * lane, 2 * lane + 1);
                    at += 2;
                }
            }
        }
        return squeezes;
    }
}
