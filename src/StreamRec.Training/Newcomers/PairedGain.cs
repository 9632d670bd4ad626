namespace StreamRec.Training.Newcomers;

/// <summary>What one way gains over another, asked the same of the same users.</summary>
/// <param name="Mean">Over users; 0 where there are none.</param>
/// <param name="AtLeast">The lower end of its 95 % interval; −∞ of fewer than two users.</param>
public readonly record struct PairedGain(double Mean, double AtLeast)
{
    private const double Normal95 = 1.96;

    /// <param name="gains">One of each user.</param>
    public static PairedGain Of(IReadOnlyCollection<double> gains)
    {
        var mean = gains.DefaultIfEmpty(0).Average();
        var squares = gains.Sum(gain => (gain - mean) * (gain - mean));
        var half = Normal95 * Math.Sqrt(squares / Math.Max(1, gains.Count - 1) / Math.Max(1, gains.Count));
        return new(mean, gains.Count > 1 ? mean - half : double.NegativeInfinity);
    }
}
