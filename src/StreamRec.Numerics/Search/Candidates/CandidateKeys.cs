using System.Runtime.CompilerServices;
using StreamRec.Numerics.Instructions;

namespace StreamRec.Numerics.Search.Candidates;

/// <summary>
/// Passes over a few hundred keys. No key is 0; what stands up to <see cref="Padding"/> behind the last key is
/// overwritten with it. Three implementations, one result; the order has one for both widths.
/// </summary>
internal static unsafe class CandidateKeys
{
    /// <summary>Room that must be there behind the last key.</summary>
    public const int Padding = 8;

    /// <summary>Keys that may be ordered: above this, counting is slower than sorting.</summary>
    public const int MostOrdered = 256;

    /// <summary>The largest key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Max(ulong* keys, int count, InstructionSet path)
    {
        if (path != InstructionSet.Plain)
        {
            Pad(keys, count);
            return path == InstructionSet.Avx512
                ? CandidateKeys512.Max(keys, count)
                : CandidateKeys256.Max(keys, count);
        }
        ulong most = 0;
        for (var i = 0; i < count; i++)
        {
            most = Math.Max(most, keys[i]);
        }
        return most;
    }

    /// <summary>How many keys are above a limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Above(ulong* keys, int count, ulong limit, InstructionSet path)
    {
        if (path != InstructionSet.Plain)
        {
            Pad(keys, count);
            return path == InstructionSet.Avx512
                ? CandidateKeys512.Above(keys, count, limit)
                : CandidateKeys256.Above(keys, count, limit);
        }
        var above = 0;
        for (var i = 0; i < count; i++)
        {
            above += keys[i] > limit ? 1 : 0;
        }
        return above;
    }

    /// <summary>
    /// The smallest key that is not below a limit, 1 or more; the largest number where there is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong LeastFrom(ulong* keys, int count, ulong limit, InstructionSet path)
    {
        if (path != InstructionSet.Plain)
        {
            Pad(keys, count);
            return path == InstructionSet.Avx512
                ? CandidateKeys512.LeastFrom(keys, count, limit)
                : CandidateKeys256.LeastFrom(keys, count, limit);
        }
        var least = ulong.MaxValue;
        for (var i = 0; i < count; i++)
        {
            least = keys[i] >= limit ? Math.Min(least, keys[i]) : least;
        }
        return least;
    }

    /// <summary>
    /// Drops the keys below a limit, 1 or more; the others keep their order. Returns how many are left.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Keep(ulong* keys, int count, ulong limit, InstructionSet path)
    {
        if (path != InstructionSet.Plain)
        {
            Pad(keys, count);
            return path == InstructionSet.Avx512
                ? CandidateKeys512.Keep(keys, count, limit)
                : CandidateKeys256.Keep(keys, count, limit);
        }
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var key = keys[i];
            keys[kept] = key;
            kept += key >= limit ? 1 : 0;
        }
        return kept;
    }

    /// <summary>
    /// Writes the keys, <see cref="MostOrdered"/> or fewer, the largest first, by counting how many are above each:
    /// faster than sorting so few.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Order(ulong* keys, int count, ulong* ordered, InstructionSet path)
    {
        if (path != InstructionSet.Plain)
        {
            Pad(keys, count);
            CandidateKeys256.Order(keys, count, ordered);
            return;
        }
        for (var i = 0; i < count; i++)
        {
            ordered[Above(keys, count, keys[i], path)] = keys[i];
        }
    }

    private static void Pad(ulong* keys, int count) => new Span<ulong>(keys + count, Padding).Clear();
}
