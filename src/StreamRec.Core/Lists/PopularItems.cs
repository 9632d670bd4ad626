namespace StreamRec.Lists;

/// <summary>The list for users without one: items by how much they stood in the training data.</summary>
public static class PopularItems
{
    /// <summary>
    /// All items 1…N, the most popular first: by weight where there are weights, then by count, then by index.
    /// </summary>
    /// <param name="counts">N+1, by index.</param>
    /// <param name="weights">As many; null: counts alone.</param>
    public static int[] InOrder(IReadOnlyList<long> counts, IReadOnlyList<float>? weights = null)
    {
        var items = Enumerable.Range(1, counts.Count - 1);
        return
        [
            .. (
                weights is null
                    ? items.OrderByDescending(item => counts[item])
                    : items.OrderByDescending(item => weights[item]).ThenByDescending(item => counts[item])
            ).ThenBy(item => item),
        ];
    }
}
