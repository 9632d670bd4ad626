using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>
/// The first pass over panels of int8 items: exact integer products Σ q·p, one int16 for each item. See
/// <see cref="ItemIndex"/> for the layout and why nothing overflows. Three implementations, one result.
/// </summary>
internal static unsafe class FirstPass
{
    /// <summary>Panels that a kernel takes at a time; blocks are multiples of it.</summary>
    public const int PanelStep = 4;

    /// <summary>Users that <see cref="Compare"/> takes at most.</summary>
    public const int UserStep = 4;

    /// <summary>
    /// Writes the products of one user with the items of <paramref name="panels"/> panels, item after item. Panels are
    /// taken by
    /// <see cref="PanelStep"/>: those that fill the last step are read and written as well.
    /// </summary>
    public static void Products(sbyte* panel, int panels, int pairs, uint* user, short* products, InstructionSet path)
    {
        switch (path)
        {
            case InstructionSet.Avx512:
                FirstPass512.Products(panel, panels, pairs, user, products);
                break;
            case InstructionSet.Avx2:
                FirstPass256.Products(panel, panels, pairs, user, products);
                break;
            default:
                FirstPassPlain.Products(panel, panels, pairs, user, products);
                break;
        }
    }

    /// <summary>
    /// For each of <paramref name="count"/> users, 1–4, a bit for each item whose product is above the user's
    /// threshold.
    /// </summary>
    /// <param name="users">Their codes, <paramref name="pairs"/> words each, wherever they stand.</param>
    /// <param name="thresholds">One each.</param>
    /// <param name="bits">Receives 32 items a word, <paramref name="panels"/> words a user.</param>
    /// <param name="ahead">Rows to ask for meanwhile.</param>
    public static void Compare(
        sbyte* panel,
        int panels,
        int pairs,
        uint** users,
        int count,
        short* thresholds,
        uint* bits,
        RowPrefetch* ahead,
        InstructionSet path
    )
    {
        switch (path)
        {
            case InstructionSet.Avx512 when count == 1:
                FirstPass512.Compare1(panel, panels, pairs, users[0], thresholds[0], bits, ahead);
                break;
            case InstructionSet.Avx512 when count == 2:
                FirstPass512.Compare2(panel, panels, pairs, users, thresholds, bits, ahead);
                break;
            case InstructionSet.Avx512:
                RepeatLast(users, count, thresholds);
                FirstPass512.Compare4(panel, panels, pairs, users, thresholds, bits, ahead);
                break;
            case InstructionSet.Avx2 when count == 1:
                FirstPass256.Compare1(panel, panels, pairs, users[0], thresholds[0], bits, ahead);
                break;
            case InstructionSet.Avx2 when count == 2:
                FirstPass256.Compare2(panel, panels, pairs, users, thresholds, bits, ahead);
                break;
            case InstructionSet.Avx2:
                RepeatLast(users, count, thresholds);
                FirstPass256.Compare4(panel, panels, pairs, users, thresholds, bits, ahead);
                break;
            default:
                for (var u = 0; u < count; u++)
                {
                    FirstPassPlain.Compare(panel, panels, pairs, users[u], thresholds[u], bits + u * panels);
                }
                break;
        }
    }

    // The third user twice costs less than three passes.
    private static void RepeatLast(uint** users, int count, short* thresholds)
    {
        users[UserStep - 1] = users[count - 1];
        thresholds[UserStep - 1] = thresholds[count - 1];
    }
}
