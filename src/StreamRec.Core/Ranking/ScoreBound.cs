namespace StreamRec.Ranking;

/// <summary>What a block's items can score at most.</summary>
internal static class ScoreBound
{
    /// <summary>Half a unit in the last place of float32, doubled for the second-order terms.</summary>
    private const double Rounding = 1.0 / (1 << 23);

    /// <summary>More than what products below the smallest float32 can add up to.</summary>
    private const double Underflow = 1e-41;

    /// <summary>How far a canonical score may lie from u·v + b: a rounding for each of its chain's steps, its folds, its bias.</summary>
    /// <param name="size">‖u‖·‖v‖ + |b|, or more.</param>
    public static double Slop(double size, int padded) =>
        Rounding * (padded / CanonicalScore.Lanes + 8) * size + Underflow * padded;

    /// <summary>Whether no item of the block, or of a later one, can reach the user's threshold.</summary>
    public static bool Done(Searching user, in ItemBlock block)
    {
        var product = user.Quantized.Norm * block.MaxNorm;
        var most = product + block.MaxBias;
        return most + Rounding * 1024 * (product + Math.Abs(block.MaxBias)) + 1e-37 < user.Best.Threshold;
    }

    /// <summary>How far a score may lie from the coded product of the block's items.</summary>
    public static double Error(Searching user, in ItemBlock block, ItemIndex index)
    {
        ref readonly var coded = ref user.Quantized;
        return coded.Error * block.MaxAugmentedNorm + coded.CodedNorm * block.MaxError
            + Slop((coded.Norm + index.Space.BiasScale) * block.MaxAugmentedNorm, index.Padded)
            + index.Space.Slack * coded.Norm * block.MaxNorm;
    }

    /// <summary>The least that an item of the block can score whose coded product is <paramref name="product"/>.</summary>
    public static double Least(Searching user, in ItemBlock block, ItemIndex index, int product)
    {
        ref readonly var coded = ref user.Quantized;
        // The rests may point against each other.
        return product * coded.Scale * block.Scale - Error(user, block, index) - 2 * coded.Rest * block.MaxRest;
    }

    /// <summary>The integer that an item's product must exceed to be scored; null where none of the block can.</summary>
    public static short? Threshold(Searching user, in ItemBlock block, ItemIndex index)
    {
        var needed = user.Best.Threshold - Error(user, block, index);
        var scale = user.Quantized.Scale * block.Scale;
        if (scale == 0)
        {
            return needed <= 0 ? short.MinValue : null;
        }
        // Products are integers; the margin covers the rounding of doubles.
        var least = Math.Ceiling(needed / scale - 1e-6) - 1;
        return least >= short.MaxValue ? null : least <= short.MinValue ? short.MinValue : (short)least;
    }
}
