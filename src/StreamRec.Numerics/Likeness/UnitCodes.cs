using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Instructions;

namespace StreamRec.Numerics.Likeness;

/// <summary>
/// Directions as 16-bit numbers: c_d = round(2¹⁴·v_d/‖v‖). The inner product of two codes, over 2²⁸, is their cosine
/// within some 10⁻⁴, and being a sum of integers it has the same bits on every path.
/// </summary>
public static class UnitCodes
{
    /// <summary>The product of a direction with itself, nearly.</summary>
    public const int One = Scale * Scale;

    private const int Scale = 1 << 14;

    /// <summary>Numbers of a widest vector, which rows are padded to.</summary>
    private const int Lane = 32;

    private const int Together = 4;

    /// <summary>Numbers of a code of so many dimensions, up to 4,096: of more a sum might overflow.</summary>
    public static int WidthOf(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, 4096);
        return (dimension + Lane - 1) / Lane * Lane;
    }

    /// <summary>Writes a vector's code; of a vector of length 0 zeros. The same bits on every processor.</summary>
    /// <param name="code">As long as <see cref="WidthOf"/> says.</param>
    public static void Write(ReadOnlySpan<float> vector, Span<short> code)
    {
        // One sum in one order, in double precision.
        double squares = 0;
        foreach (var value in vector)
        {
            squares += (double)value * value;
        }
        var scale = squares > 0 ? Scale / Math.Sqrt(squares) : 0;
        code.Clear();
        for (var at = 0; at < vector.Length; at++)
        {
            code[at] = (short)Math.Round(vector[at] * scale);
        }
    }

    /// <summary>The largest product of a code with some others.</summary>
    /// <param name="others">One or more codes, one behind the other.</param>
    public static int MaxProduct(ReadOnlySpan<short> code, ReadOnlySpan<short> others, InstructionSet path)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(code.Length % Lane, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(others.Length % code.Length, 0);
        ref var x = ref MemoryMarshal.GetReference(code);
        ref var y = ref MemoryMarshal.GetReference(others);
        var count = others.Length / code.Length;
        return path switch
        {
            InstructionSet.Avx512 => Max512(ref x, ref y, code.Length, count),
            InstructionSet.Avx2 => Max256(ref x, ref y, code.Length, count),
            _ => MaxPlain(code, others),
        };
    }

    private static int MaxPlain(ReadOnlySpan<short> code, ReadOnlySpan<short> others)
    {
        var most = int.MinValue;
        for (; others.Length > 0; others = others[code.Length..])
        {
            var sum = 0;
            for (var at = 0; at < code.Length; at++)
            {
                sum += code[at] * others[at];
            }
            most = Math.Max(most, sum);
        }
        return most;
    }

    // Four at a time, which share the code's loads; those of the last four that there are not repeat the last one.
    private static int Max512(ref short x, ref short y, int width, int count)
    {
        var most = Vector128.Create(int.MinValue);
        for (var from = 0; from < count; from += Together)
        {
            ref var y0 = ref Row(ref y, width, count, from);
            ref var y1 = ref Row(ref y, width, count, from + 1);
            ref var y2 = ref Row(ref y, width, count, from + 2);
            ref var y3 = ref Row(ref y, width, count, from + 3);
            Vector512<int> a = default,
                b = default,
                c = default,
                d = default;
            for (nuint at = 0; at < (nuint)width; at += Lane)
            {
                var part = Vector512.LoadUnsafe(ref x, at);
                a += Avx512BW.MultiplyAddAdjacent(part, Vector512.LoadUnsafe(ref y0, at));
                b += Avx512BW.MultiplyAddAdjacent(part, Vector512.LoadUnsafe(ref y1, at));
                c += Avx512BW.MultiplyAddAdjacent(part, Vector512.LoadUnsafe(ref y2, at));
                d += Avx512BW.MultiplyAddAdjacent(part, Vector512.LoadUnsafe(ref y3, at));
            }
            most = Vector128.Max(most, Sums(Halves(a), Halves(b), Halves(c), Halves(d)));
        }
        return Largest(most);
    }

    private static int Max256(ref short x, ref short y, int width, int count)
    {
        var most = Vector128.Create(int.MinValue);
        for (var from = 0; from < count; from += Together)
        {
            ref var y0 = ref Row(ref y, width, count, from);
            ref var y1 = ref Row(ref y, width, count, from + 1);
            ref var y2 = ref Row(ref y, width, count, from + 2);
            ref var y3 = ref Row(ref y, width, count, from + 3);
            Vector256<int> a = default,
                b = default,
                c = default,
                d = default;
            for (nuint at = 0; at < (nuint)width; at += Lane / 2)
            {
                var part = Vector256.LoadUnsafe(ref x, at);
                a += Avx2.MultiplyAddAdjacent(part, Vector256.LoadUnsafe(ref y0, at));
                b += Avx2.MultiplyAddAdjacent(part, Vector256.LoadUnsafe(ref y1, at));
                c += Avx2.MultiplyAddAdjacent(part, Vector256.LoadUnsafe(ref y2, at));
                d += Avx2.MultiplyAddAdjacent(part, Vector256.LoadUnsafe(ref y3, at));
            }
            most = Vector128.Max(most, Sums(a, b, c, d));
        }
        return Largest(most);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref short Row(ref short rows, int width, int count, int row) =>
        ref Unsafe.Add(ref rows, Math.Min(row, count - 1) * width);

    private static Vector256<int> Halves(Vector512<int> sums) => sums.GetLower() + sums.GetUpper();

    // Of each its sum.
    private static Vector128<int> Sums(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        var sums = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        return sums.GetLower() + sums.GetUpper();
    }

    private static int Largest(Vector128<int> values) =>
        Math.Max(
            Math.Max(values.GetElement(0), values.GetElement(1)),
            Math.Max(values.GetElement(2), values.GetElement(3))
        );
}
