namespace StreamRec.Models;

/// <summary>The categories of a bundle's items: immutable, safe for any number of threads.</summary>
public sealed class ItemCategories
{
    /// <summary>Categories of an item at most.</summary>
    public const int MostOfItem = 16;

    /// <summary>Bytes of a category's name at most.</summary>
    public const int MostNameBytes = 128;

    private readonly int[] _starts;
    private readonly int[] _categories;

    /// <param name="byItem">N+1, by index; the one at 0 has none. A category that an item names twice counts
    /// once.</param>
    public ItemCategories(IReadOnlyList<IReadOnlyList<string>> byItem)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        var all = new List<int>();
        _starts = new int[byItem.Count + 1];
        for (var item = 0; item < byItem.Count; item++)
        {
            foreach (var name in byItem[item].Distinct(StringComparer.Ordinal))
            {
                if (!index.TryGetValue(name, out var category))
                {
                    index.Add(name, category = index.Count);
                }
                all.Add(category);
            }
            _starts[item + 1] = all.Count;
        }
        (_categories, Names) = ([.. all], [.. index.Keys]);
    }

    /// <summary>In the order in which items name them.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>N+1.</summary>
    public int Items => _starts.Length - 1;

    /// <summary>An item's categories, as places in <see cref="Names"/>.</summary>
    public ReadOnlySpan<int> Of(int item) => _categories.AsSpan(_starts[item].._starts[item + 1]);

    /// <summary>What cannot be a name; null: it can.</summary>
    public static string? Fault(IReadOnlyList<string?> names) =>
        names.Count > MostOfItem ? $"{names.Count} categories are more than the {MostOfItem} that an item may have"
        : names.Any(name => string.IsNullOrEmpty(name) || System.Text.Encoding.UTF8.GetByteCount(name) > MostNameBytes)
            ? $"a category is a text of 1 to {MostNameBytes} bytes"
        : null;
}
