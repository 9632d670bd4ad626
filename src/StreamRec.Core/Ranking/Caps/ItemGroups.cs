using StreamRec.Models;

namespace StreamRec.Ranking.Caps;

/// <summary>What a cap counts a model's items among: immutable, safe for any number of threads.</summary>
internal sealed class ItemGroups
{
    private readonly int[] _setOf;
    private readonly int[][] _sets;

    /// <param name="setOf">N+1, by item index: which of the sets; one behind the last item has none.</param>
    /// <param name="sets">Numbers of groups, each once.</param>
    /// <param name="mayBeListed">By item index; null: all may.</param>
    public ItemGroups(int[] setOf, int[][] sets, Func<int, bool>? mayBeListed = null)
    {
        (_setOf, _sets) = (setOf, sets);
        var used = new HashSet<int>();
        var looked = new bool[sets.Length];
        for (var item = 1; item < setOf.Length; item++)
        {
            var set = setOf[item];
            if (!looked[set] && mayBeListed?.Invoke(item) != false)
            {
                looked[set] = true;
                used.UnionWith(sets[set]);
                HasFree |= sets[set].Length == 0;
            }
        }
        (Count, HasFree) = (used.Count, HasFree || setOf.Length == 0);
    }

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

    /// <summary>Of how many groups the items are that may be listed.</summary>
    public int Count { get; }

    /// <summary>Whether one of them is of no group.</summary>
    public bool HasFree { get; }

    /// <summary>The groups of an item.</summary>
    public ReadOnlySpan<int> Of(int item) => item < _setOf.Length ? _sets[_setOf[item]] : [];
}
