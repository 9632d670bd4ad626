namespace StreamRec.Training.Newcomers;

/// <summary>What one way gains over another, asked the same of the same users.</summary>
/// <param name="Mean">Over users; 0 where there are none.</param>
/// <param name="AtLeast">The lower end of its 95 % interval; −∞ of fewer than two users.</param>
public readonly record struct PairedGain(double Mean, double AtLeast)
{
    // Of the best of up to 18 ways by Bonferroni: each is wrong with probability .0027.
    private const double Normal95 = 1.96,
        NormalOfBest95 = 3;

    /// <param name="gains">One of each user.</param>
    /// <param name="isBest">Whether the way was chosen as the best of several by these very users.</param>
    public static PairedGain Of(IReadOnlyCollection<double> gains, bool isBest = false)
    {
        var mean = gains.DefaultIfEmpty(0).Average();
        var squares = gains.Sum(gain => (gain - mean) * (gain - mean));
        var error = Math.Sqrt(squares / Math.Max(1, gains.Count - 1) / Math.Max(1, gains.Count));
        return new(
            mean,
            gains.Count > 1 ? mean - ((isBest ? NormalOfBest95 : Normal95) * error) : double.NegativeInfinity
        );
    }
}
