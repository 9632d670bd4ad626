using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Numerics.Search.Candidates;

/// <summary>The passes of <see cref="CandidateKeys"/> on 512 bits: eight keys at a time.</summary>
internal static unsafe class CandidateKeys512
{
    private const int Lanes = CandidateKeys.Padding;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Max(ulong* keys, int count)
    {
        var all = Vector512<ulong>.Zero;
        for (var i = 0; i < count; i += Lanes)
        {
            all = Vector512.Max(all, Vector512.Load(keys + i));
        }
        ulong most = 0;
        for (var lane = 0; lane < Lanes; lane++)
        {
            most = Math.Max(most, all[lane]);
        }
        return most;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Above(ulong* keys, int count, ulong limit)
    {
        var above = 0;
        var limits = Vector512.Create(limit);
        for (var i = 0; i < count; i += Lanes)
        {
            above += BitOperations.PopCount(
                Vector512.GreaterThan(Vector512.Load(keys + i), limits).ExtractMostSignificantBits()
            );
        }
        return above;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong LeastFrom(ulong* keys, int count, ulong limit)
    {
        var (limits, all) = (Vector512.Create(limit), Vector512<ulong>.AllBitsSet);
        for (var i = 0; i < count; i += Lanes)
        {
            var some = Vector512.Load(keys + i);
            all = Vector512.Min(all, Vector512.ConditionalSelect(Vector512.LessThan(some, limits), all, some));
        }
        var least = ulong.MaxValue;
        for (var lane = 0; lane < Lanes; lane++)
        {
            least = Math.Min(least, all[lane]);
        }
        return least;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Keep(ulong* keys, int count, ulong limit)
    {
        var kept = 0;
        var limits = Vector512.Create(limit);
        for (var i = 0; i < count; i += Lanes)
        {
            var some = Vector512.Load(keys + i);
            var stay = Vector512.GreaterThanOrEqual(some, limits);
            Avx512F.Compress(Vector512<ulong>.Zero, stay, some).Store(keys + kept);
            kept += BitOperations.PopCount(stay.ExtractMostSignificantBits());
        }
        return kept;
    }
}
