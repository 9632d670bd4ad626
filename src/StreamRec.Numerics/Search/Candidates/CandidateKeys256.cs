using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Numerics.Search.Candidates;

/// <summary>
/// The passes of <see cref="CandidateKeys"/> on 256 bits: two vectors of four keys at a time. AVX2 compares signed
/// numbers, so keys are taken with their first bit turned over, which keeps their order.
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

    /// <summary>
    /// Writes up to <see cref="CandidateKeys.MostOrdered"/> keys, the largest first. Serves the path on 512 bits as
    /// well: it compares 32 bits of each key, which is faster than all 64.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Order(ulong* keys, int count, ulong* ordered)
    {
        var scores = stackalloc int[CandidateKeys.MostOrdered];
        var ranks = stackalloc int[CandidateKeys.MostOrdered];
        if (!RankByScore(keys, count, scores, ranks))
        {
            OrderByKey(keys, count, ordered);
            return;
        }
        for (var i = 0; i < count; i++)
        {
            ordered[ranks[i]] = keys[i];
        }
    }

    // How many scores, the keys' upper halves, are above each; false where two are equal, which the sum of the ranks
    // tells.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool RankByScore(ulong* keys, int count, int* scores, int* ranks)
    {
        for (var i = 0; i < count; i += 2 * Lanes)
        {
            var upper = Avx.Shuffle(
                Vector256.Load((float*)(keys + i)),
                Vector256.Load((float*)(keys + i + Lanes)),
                0b11_01_11_01
            );
            (Avx2.Permute4x64(upper.AsUInt64(), 0b11_01_10_00).AsInt32() ^ Vector256.Create(int.MinValue)).Store(
                scores + i
            );
        }
        for (var i = 0; i < count; i += 4 * Lanes)
        {
            var (a, b) = (Vector256.Load(scores + i), Vector256.Load(scores + i + 2 * Lanes));
            var (aboveA, aboveB) = (Vector256<int>.Zero, Vector256<int>.Zero);
            for (var other = 0; other < count; other++)
            {
                var one = Vector256.Create(scores[other]);
                aboveA -= Avx2.CompareGreaterThan(one, a);
                aboveB -= Avx2.CompareGreaterThan(one, b);
            }
            aboveA.Store(ranks + i);
            aboveB.Store(ranks + i + 2 * Lanes);
        }
        var all = 0;
        for (var i = 0; i < count; i++)
        {
            all += ranks[i];
        }
        return all == count * (count - 1) / 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OrderByKey(ulong* keys, int count, ulong* ordered)
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
