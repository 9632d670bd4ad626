using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>
/// Keeps, of the items that the first pass left, those whose product by <see cref="RowCodes"/> is above a limit.
/// </summary>
internal static unsafe class SecondPass
{
    private const int Together = 4;

    /// <summary>Moves the positions that stay to the front, in their order, and returns how many those are.</summary>
    /// <param name="user">The user's codes.</param>
    /// <param name="rows">The items' codes, row after row.</param>
    /// <param name="rowBytes">Codes of a row.</param>
    /// <param name="positions">Rows; those behind the last, up to <see cref="Rescoring.Lanes"/>, are read as
    /// well.</param>
    /// <param name="count">Positions.</param>
    /// <param name="least">What a product must exceed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static int Keep(short* user, sbyte* rows, int rowBytes, int* positions, int count, int least)
    {
        for (var i = 0; i < Math.Min(Rescoring.Ahead, count); i++)
        {
            Rescoring.Prefetch((float*)(rows + (long)positions[i] * rowBytes), rowBytes / sizeof(float));
        }
        var kept = 0;
        var limit = Vector128.Create(least);
        for (var at = 0; at < count; at += Together)
        {
            var next = positions + Math.Min(at + Rescoring.Ahead, count);
            for (var i = 0; i < Together; i++)
            {
                Rescoring.Prefetch((float*)(rows + (long)next[i] * rowBytes), rowBytes / sizeof(float));
            }
            var products = Products(
                user,
                rows + (long)positions[at] * rowBytes,
                rows + (long)positions[at + 1] * rowBytes,
                rows + (long)positions[at + 2] * rowBytes,
                rows + (long)positions[at + 3] * rowBytes,
                rowBytes
            );
            var above = Vector128.GreaterThan(products, limit).ExtractMostSignificantBits();
            above &= count - at < Together ? (1u << (count - at)) - 1 : uint.MaxValue;
            for (var i = 0; i < Together; i++)
            {
                positions[kept] = positions[at + i];
                kept += (int)(above >> i & 1);
            }
        }
        return kept;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Products(
        short* user,
        sbyte* row0,
        sbyte* row1,
        sbyte* row2,
        sbyte* row3,
        int rowBytes
    )
    {
        Vector256<int> a = default,
            b = default,
            c = default,
            d = default;
        for (var k = 0; k < rowBytes; k += RowCodes.Step)
        {
            var codes = Vector256.Load(user + k);
            a += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row0 + k), codes);
            b += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row1 + k), codes);
            c += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row2 + k), codes);
            d += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(row3 + k), codes);
        }
        var all = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        return all.GetLower() + all.GetUpper();
    }
}
