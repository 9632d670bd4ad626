namespace StreamRec.Training.Baselines;

/// <summary>STAN's three decays; infinity: none.</summary>
/// <param name="Age">λ1, in events: how soon the history's items matter less.</param>
/// <param name="Recency">λ2: how soon sequences do, as a share of all, from the newest.</param>
/// <param name="Distance">λ3, in events: how near to the newest shared item of a sequence the others must be.</param>
public sealed record StanScales(double Age, double Recency, double Distance)
{
    // More than nothing: what was shared at all is told from what was not.
    private const double Least = 1e-20;

    private readonly float[] _ofAge = Table(Age);
    private readonly float[] _ofDistance = Table(Distance);

    internal float OfAge(int age) => _ofAge[Math.Min(age, _ofAge.Length - 1)];

    internal float OfDistance(int distance) => _ofDistance[Math.Min(distance, _ofDistance.Length - 1)];

    internal float OfRecency(double share) => (float)Math.Exp(-share / Recency);

    // Asked for each item of each neighbour.
    private static float[] Table(double scale) =>
        [.. Enumerable.Range(0, 256).Select(at => (float)Math.Max(Least, Math.Exp(-at / scale)))];
}
