namespace StreamRec.Lists;

/// <summary>
/// How much events count for what is popular: 2^(−age/half-life), so 1 at once, half of it a half-life later. Without a
/// half-life every event counts 1.
/// </summary>
public static class PopularityDecay
{
    /// <summary>What an event counts.</summary>
    /// <param name="nowMs">When the list is made; no earlier than the event.</param>
    /// <param name="halfLife">Null: nothing is forgotten.</param>
    public static double WeightOf(long timeMs, long nowMs, TimeSpan? halfLife) =>
        halfLife is { } half ? Math.Exp((timeMs - nowMs) / half.TotalMilliseconds * Math.Log(2)) : 1;

    /// <summary>What each of N items counts: N+1 sums over its events, 0 at index 0.</summary>
    /// <param name="sequences">Item indices in 1..N of each user.</param>
    /// <param name="times">The events' times in milliseconds; at least as many of each user.</param>
    /// <param name="items">N.</param>
    public static double[] Weights(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<ReadOnlyMemory<long>> times,
        int items,
        long nowMs,
        TimeSpan? halfLife
    )
    {
        var weights = new double[items + 1];
        for (var user = 0; user < sequences.Count; user++)
        {
            var own = sequences[user].Span;
            var at = times[user].Span;
            for (var place = 0; place < own.Length; place++)
            {
                weights[own[place]] += WeightOf(at[place], nowMs, halfLife);
            }
        }
        return weights;
    }
}
