namespace StreamRec.Encoding;

/// <summary>
/// Which events of a user are encoded: of n accepted, those from W·max(0, ⌊n/W⌋−1) on. At least the last min(n, W), at
/// most the last 2W−1; a function of the sequence alone, and between two multiples of W only the end moves.
/// </summary>
public static class WindowBlock
{
    /// <summary>The number, from 0, of the first event that is encoded.</summary>
    /// <param name="accepted">n.</param>
    /// <param name="window">W.</param>
    public static long Start(long accepted, int window) => window * Math.Max(0, accepted / window - 1);
}
