using StreamRec.Models;

namespace StreamRec.Ranking.Caps;

/// <summary>What a cap counts a model's items among: immutable, safe for any number of threads.</summary>
/// <param name="setOf">N+1, by item index: which of the sets; one behind the last item has none.</param>
/// <param name="sets">Numbers of groups, each once.</param>
internal sealed class ItemGroups(int[] setOf, int[][] sets)
{
    /// <summary>No item is of any group.</summary>
    public static readonly ItemGroups None = new([], []);

    /// <summary>By category; null: not known.</summary>
    public static ItemGroups Of(ItemCategories? categories) =>
        categories is null
            ? None
            : new(
                [.. Enumerable.Range(0, categories.Items)],
                [.. Enumerable.Range(0, categories.Items).Select(item => categories.Of(item).ToArray())]
            );

    /// <summary>The groups of an item.</summary>
    public ReadOnlySpan<int> Of(int item) => item < setOf.Length ? sets[setOf[item]] : [];
}
