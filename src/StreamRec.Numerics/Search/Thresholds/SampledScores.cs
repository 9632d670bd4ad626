using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Thresholds;

/// <summary>
/// Passes over the int16 scores of a sample, run by run: the last is read to its end. Three implementations, one
/// result.
/// </summary>
internal static unsafe class SampledScores
{
    /// <summary>Scores that are taken at a time.</summary>
    public const int Run = 32;

    /// <summary>A factor of one for <see cref="Scale"/>.</summary>
    public const int One = 1 << Shift;

    private const int Shift = 15,
        Squeezed = 8;

    // For each mask of eight lanes, the bytes of those that stay, in order.
    private static readonly byte[] s_squeezes = Squeezes();

    /// <summary>Multiplies scores by <paramref name="factor"/>/<see cref="One"/>, rounded.</summary>
    /// <param name="factor">Below <see cref="One"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(short* scores, int count, short factor, InstructionSet path)
    {
        var i = 0;
        if (path != InstructionSet.Plain)
        {
            var factors = Vector256.Create(factor);
            for (; i < count; i += Vector256<short>.Count)
            {
                Avx2.MultiplyHighRoundScale(Vector256.Load(scores + i), factors).Store(scores + i);
            }
        }
        for (; i < count; i++)
        {
            scores[i] = Scaled(scores[i], factor);
        }
    }

    /// <summary>What <see cref="Scale"/> makes of a score.</summary>
    public static short Scaled(int score, short factor) => (short)(score * factor + One / 2 >> Shift);

    /// <summary>
    /// Gives items that a list leaves out, and lanes without an item, a score that is below all others.
    /// </summary>
    /// <param name="scores">By position, of the index' first panels.</param>
    public static void LeaveOut(
        short* scores,
        int panels,
        Exclusions excluded,
        ItemIndex index,
        EligiblePositions? eligible
    )
    {
        foreach (var item in excluded.Items)
        {
            if (index.Positions[item] < panels * ItemIndex.PanelItems)
            {
                scores[index.Positions[item]] = short.MinValue;
            }
        }
        for (var panel = eligible is null ? index.Count / ItemIndex.PanelItems : 0; panel < panels; panel++)
        {
            var gone = ~(index.Eligible[panel] & (eligible?.Words[panel] ?? uint.MaxValue));
            for (; gone != 0; gone &= gone - 1)
            {
                scores[panel * ItemIndex.PanelItems + BitOperations.TrailingZeroCount(gone)] = short.MinValue;
            }
        }
    }

    /// <summary>Writes a bit for each score that is above a limit, a word a run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Above(short* scores, int runs, short limit, uint* bits, InstructionSet path)
    {
        for (var run = 0; run < runs; run++, scores += Run)
        {
            uint word = 0;
            if (path == InstructionSet.Avx512)
            {
                word = (uint)
                    Vector512.GreaterThan(Vector512.Load(scores), Vector512.Create(limit)).ExtractMostSignificantBits();
            }
            else if (path == InstructionSet.Avx2)
            {
                var limits = Vector256.Create(limit);
                word =
                    Vector256.GreaterThan(Vector256.Load(scores), limits).ExtractMostSignificantBits()
                    | Vector256.GreaterThan(Vector256.Load(scores + Run / 2), limits).ExtractMostSignificantBits()
                        << Run / 2;
            }
            else
            {
                for (var lane = 0; lane < Run; lane++)
                {
                    word |= scores[lane] > limit ? 1u << lane : 0;
                }
            }
            bits[run] = word;
        }
    }

    /// <summary>How many scores reach a limit, of one in <paramref name="part"/> runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int AtLeast(short* scores, int count, int part, short least, InstructionSet path)
    {
        var reached = 0;
        if (path == InstructionSet.Avx512)
        {
            var limit = Vector512.Create(least);
            for (var i = 0; i < count; i += Run * part)
            {
                reached += BitOperations.PopCount(
                    Vector512.GreaterThanOrEqual(Vector512.Load(scores + i), limit).ExtractMostSignificantBits()
                );
            }
        }
        else if (path == InstructionSet.Avx2)
        {
            var limit = Vector256.Create(least);
            for (var i = 0; i < count; i += Run * part)
            {
                // Packed, they stand in another order, and are as many.
                reached +=
                    Run
                    - BitOperations.PopCount(
                        Avx2.PackSignedSaturate(
                                Avx2.CompareGreaterThan(limit, Vector256.Load(scores + i)),
                                Avx2.CompareGreaterThan(limit, Vector256.Load(scores + i + Run / 2))
                            )
                            .ExtractMostSignificantBits()
                    );
            }
        }
        else
        {
            for (var i = 0; i < count; i += i % Run == Run - 1 ? Run * (part - 1) + 1 : 1)
            {
                reached += scores[i] >= least ? 1 : 0;
            }
        }
        return reached;
    }

    /// <summary>
    /// Copies the scores that reach a limit, in order, and returns how many they are; up to a run more is overwritten
    /// behind them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Collect(short* scores, int count, short least, short* reached, InstructionSet path)
    {
        int collected = 0,
            i = 0;
        if (path == InstructionSet.Avx512 && Avx512Vbmi2.IsSupported)
        {
            var limit = Vector512.Create(least);
            for (; i < count; i += Run)
            {
                var some = Vector512.Load(scores + i);
                var stay = Vector512.GreaterThanOrEqual(some, limit);
                Avx512Vbmi2.Compress(Vector512<short>.Zero, stay, some).Store(reached + collected);
                collected += BitOperations.PopCount(stay.ExtractMostSignificantBits());
            }
        }
        else if (path != InstructionSet.Plain)
        {
            var limit = Vector128.Create(least);
            ref var squeezes = ref MemoryMarshal.GetArrayDataReference(s_squeezes);
            for (; i < count; i += Squeezed)
            {
                var some = Vector128.Load(scores + i);
                var below = Sse2.CompareGreaterThan(limit, some);
                var stay = ~Sse2.PackSignedSaturate(below, below).ExtractMostSignificantBits() & 0xff;
                Ssse3
                    .Shuffle(some.AsByte(), Vector128.LoadUnsafe(ref squeezes, stay * (nuint)Vector128<byte>.Count))
                    .AsInt16()
                    .Store(reached + collected);
                collected += BitOperations.PopCount(stay);
            }
        }
        for (; i < count; i++)
        {
            reached[collected] = scores[i];
            collected += scores[i] >= least ? 1 : 0;
        }
        return collected;
    }

    private static byte[] Squeezes() =>
        [
            .. Enumerable
                .Range(0, 1 << Squeezed)
                .SelectMany(mask =>
                    Enumerable
                        .Range(0, Squeezed)
                        .OrderBy(lane => mask >> lane & 1 ^ 1)
                        .SelectMany(lane => new[] { (byte)(2 * lane), (byte)(2 * lane + 1) })
                ),
        ];
}
