namespace StreamRec.Lists;

/// <summary>The list for users without one: items by how often they stood in the training data.</summary>
public static class PopularItems
{
    /// <summary>All items 1…N, the most frequent first; at equal counts the lower index first.</summary>
    /// <param name="counts">N+1, by index.</param>
    public static int[] InOrder(IReadOnlyList<long> counts) =>
        [.. Enumerable.Range(1, counts.Count - 1).OrderByDescending(item => counts[item]).ThenBy(item => item)];
}
