using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>
/// Passes over a few hundred keys, eight at a time where the processor can. No key is 0; what stands up to
/// <see cref="Padding"/> behind the last key is overwritten with it.
/// </summary>
internal static unsafe class CandidateKeys
{
    /// <summary>Room that must be there behind the last key.</summary>
    public const int Padding = 8;

    /// <summary>The largest key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Max(ulong* keys, int count)
    {
        ulong most = 0;
        if (Avx512F.IsSupported)
        {
            Pad(keys, count);
            var all = Vector512<ulong>.Zero;
            for (var i = 0; i < count; i += Padding)
            {
                all = Vector512.Max(all, Vector512.Load(keys + i));
            }
            for (var lane = 0; lane < Padding; lane++)
            {
                most = Math.Max(most, all[lane]);
            }
            return most;
        }
        for (var i = 0; i < count; i++)
        {
            most = Math.Max(most, keys[i]);
        }
        return most;
    }

    /// <summary>How many keys are above a limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Above(ulong* keys, int count, ulong limit)
    {
        var above = 0;
        if (Avx512F.IsSupported)
        {
            Pad(keys, count);
            var limits = Vector512.Create(limit);
            for (var i = 0; i < count; i += Padding)
            {
                above += BitOperations.PopCount(Vector512.GreaterThan(Vector512.Load(keys + i), limits).ExtractMostSignificantBits());
            }
            return above;
        }
        for (var i = 0; i < count; i++)
        {
            above += keys[i] > limit ? 1 : 0;
        }
        return above;
    }

    /// <summary>The smallest key that is not below a limit; the largest number where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong LeastFrom(ulong* keys, int count, ulong limit)
    {
        var least = ulong.MaxValue;
        if (Avx512F.IsSupported && limit > 0)
        {
            Pad(keys, count);
            var (limits, all) = (Vector512.Create(limit), Vector512<ulong>.AllBitsSet);
            for (var i = 0; i < count; i += Padding)
            {
                var some = Vector512.Load(keys + i);
                all = Vector512.Min(all, Vector512.ConditionalSelect(Vector512.LessThan(some, limits), all, some));
            }
            for (var lane = 0; lane < Padding; lane++)
            {
                least = Math.Min(least, all[lane]);
            }
            return least;
        }
        for (var i = 0; i < count; i++)
        {
            least = keys[i] >= limit ? Math.Min(least, keys[i]) : least;
        }
        return least;
    }

    /// <summary>Drops the keys below a limit; the others keep their order. Returns how many are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Keep(ulong* keys, int count, ulong limit)
    {
        var kept = 0;
        if (Avx512F.IsSupported && limit > 0)
        {
            Pad(keys, count);
            var limits = Vector512.Create(limit);
            for (var i = 0; i < count; i += Padding)
            {
                var some = Vector512.Load(keys + i);
                var stay = Vector512.GreaterThanOrEqual(some, limits);
                Avx512F.Compress(Vector512<ulong>.Zero, stay, some).Store(keys + kept);
                kept += BitOperations.PopCount(stay.ExtractMostSignificantBits());
            }
            return kept;
        }
        for (var i = 0; i < count; i++)
        {
            var key = keys[i];
            keys[kept] = key;
            kept += key >= limit ? 1 : 0;
        }
        return kept;
    }

    /// <summary>Writes the keys, the largest first, by counting how many are above each: faster than sorting so few.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Order(ulong* keys, int count, ulong* ordered)
    {
        if (Avx512F.IsSupported)
        {
            Pad(keys, count);
            for (var i = 0; i < count; i += Padding)
            {
                var some = Vector512.Load(keys + i);
                var above = Vector512<ulong>.Zero;
                for (var other = 0; other < count; other++)
                {
                    above -= Vector512.GreaterThan(Vector512.Create(keys[other]), some);
                }
                for (var lane = 0; lane < Padding && i + lane < count; lane++)
                {
                    ordered[above[lane]] = some[lane];
                }
            }
            return;
        }
        for (var i = 0; i < count; i++)
        {
            ordered[Above(keys, count, keys[i])] = keys[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pad(ulong* keys, int count) => Vector512<ulong>.Zero.Store(keys + count);
}
