namespace StreamRec.Encoders;

/// <summary>
/// What part of a user's sequence is encoded: a function of the stored sequence alone, so that a replay gives the same
/// list.
/// </summary>
public static class EncodingWindow
{
    /// <summary>
    /// The first encoded event's number, from 0, of n accepted ones: at least the last min(n, W), at most the last 2W−1
    /// are encoded.
    /// </summary>
    /// <param name="accepted">n.</param>
    /// <param name="window">W, 1 or more.</param>
    public static long Start(long accepted, int window) => window * Math.Max(0, (accepted / window) - 1);

    /// <summary>2W−1: no input is longer.</summary>
    public static int Longest(int window) => (2 * window) - 1;

    /// <summary>How many of the kept events, of the oldest, lie before <see cref="Start"/>.</summary>
    public static int Skipped(int kept, long accepted, int window) =>
        (int)Math.Clamp(kept - (accepted - Start(accepted, window)), 0, kept);

    /// <summary>
    /// The encoder's input: the items from <see cref="Start"/> on that the model knows, oldest first.
    /// </summary>
    /// <param name="kept">The newest of the accepted events, oldest first; 0 is an item that the model lacks.</param>
    /// <param name="accepted">n, at least as many as are kept.</param>
    /// <param name="window">W.</param>
    public static int[] Input(ReadOnlySpan<int> kept, long accepted, int window)
    {
        ReadOnlySpan<int> block = kept[Skipped(kept.Length, accepted, window)..];
        var input = new int[block.Length - block.Count(0)];
        var at = 0;
        foreach (var item in block)
        {
            if (item != 0)
            {
                input[at++] = item;
            }
        }
        return input;
    }
}
