using StreamRec.Numerics.Search.Directions;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>What a block's items can score at most.</summary>
internal static class ScoreBound
{
    /// <summary>Half a unit in the last place of float32, doubled for the second-order terms.</summary>
    private const double Rounding = 1.0 / (1 << 23);

    /// <summary>More than what products below the smallest float32 can add up to.</summary>
    private const double Underflow = 1e-41;

    /// <summary>
    /// How far a canonical score may lie from u·v + b: a rounding for each of its chain's steps, its folds, its bias.
    /// </summary>
    /// <param name="size">‖u‖·‖v‖ + |b|, or more.</param>
    public static double Slop(double size, int padded) =>
        Rounding * (padded / CanonicalScore.Lanes + 8) * size + Underflow * padded;

    /// <summary>‖u‖·‖v‖ + |b|, or more.</summary>
    /// <param name="maxNorm">The largest ‖v‖.</param>
    /// <param name="maxAugmentedNorm">The largest ‖v'‖.</param>
    public static double Size(in QuantizedUser user, CodedSpace space, double maxNorm, double maxAugmentedNorm) =>
        user.Norm * maxNorm + space.BiasScale * maxAugmentedNorm;

    /// <summary>Whether no item of the block, or of a later one, can reach the user's threshold.</summary>
    public static bool Done(UserSearch user, in ItemBlock block)
    {
        var product = user.Quantized.Norm * block.MaxNorm;
        var most = product + block.MaxBias;
        return most + Rounding * 1024 * (product + Math.Abs(block.MaxBias)) + 1e-37 < user.Best.Threshold;
    }

    /// <summary>
    /// How far a score may lie above the coded product of the block's items; below it, the rests come on top
    /// (<see cref="Least"/>).
    /// </summary>
    public static double Error(in QuantizedUser coded, in ItemBlock block, CodedSpace space, int padded) =>
        coded.Error * block.MaxAugmentedNorm
        + coded.CodedNorm * block.MaxError
        + Slop(Size(coded, space, block.MaxNorm, block.MaxAugmentedNorm), padded);

    /// <summary>
    /// The least that an item of the block can score whose coded product is <paramref name="product"/>.
    /// </summary>
    public static double Least(UserSearch user, in ItemBlock block, ItemIndex index, int product)
    {
        ref readonly var coded = ref user.Quantized;
        // The rests may point against each other.
        return product * coded.Scale * block.Scale
            - Error(coded, block, index.Space, index.Padded)
            - 2 * coded.Rest * block.MaxRest;
    }

    /// <summary>
    /// The integer that an item's product must exceed to be scored; null where none of the block can.
    /// </summary>
    public static short? Threshold(UserSearch user, in ItemBlock block, ItemIndex index)
    {
        var least = LeastProduct(user.Best.Threshold, user.Quantized, block, index.Space, index.Padded);
        return least >= short.MaxValue ? null : (short)Math.Max(least, short.MinValue);
    }

    /// <summary>The integer that an item's product by <see cref="RowCodes"/> must exceed to be scored.</summary>
    public static int RowThreshold(UserSearch user, in ItemBlock block, RowCodes codes, int padded) =>
        (int)
            Math.Clamp(
                LeastProduct(user.Best.Threshold, user.RowQuantized, block, codes.Space, padded),
                int.MinValue,
                int.MaxValue
            );

    private static double LeastProduct(
        double threshold,
        in QuantizedUser coded,
        in ItemBlock block,
        CodedSpace space,
        int padded
    )
    {
        var needed = threshold - Error(coded, block, space, padded);
        var scale = coded.Scale * block.Scale;
        if (scale == 0)
        {
            return needed <= 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }
        // Products are integers; the margin covers the rounding of doubles.
        return Math.Ceiling(needed / scale * (1 - 1e-12 * Math.Sign(needed)) - 1e-6) - 1;
    }
}
