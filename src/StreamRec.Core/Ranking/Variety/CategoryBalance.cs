using StreamRec.Models;

namespace StreamRec.Ranking.Variety;

/// <summary>
/// How near the categories of what is chosen come to those of a user's history: Steck's calibration (2018), as the sum
/// Σ_g p_g·ln(α + q_g), p_g being the share of category g in the history, q_g its share in the list, so far and of all
/// its places. Each item's share is parted evenly among its categories.
/// </summary>
/// <remarks>
/// Allocates nothing once it has seen as many candidates; one thread at a time. All sums are of whole numbers: a share
/// is counted in sixtieths of an item, and the logarithms are a table whose steps never grow, so what a candidate adds
/// never grows either while others are chosen. It is kept up to date for those that share a category with what was
/// chosen.
/// </remarks>
internal sealed class CategoryBalance
{
    /// <summary>Parts of an item, which 1 to 6 categories share evenly.</summary>
    private const int Parts = 60;

    /// <summary>α: the share of a category that is as good as none.</summary>
    private const double Floor = 0.003;

    /// <summary>Of a logarithm. With that of a share a sum stays below 2³¹.</summary>
    private const double LogarithmScale = 1 << 16;

    private const int ShareScale = 1 << 12;

    // By the number of an item's categories, the parts of each.
    private static readonly int[] s_parts =
    [
        0,
        .. Enumerable.Range(1, ItemCategories.MostOfItem).Select(categories => Parts / categories),
    ];

    private readonly ItemCategories _categories;
    private readonly int[] _logarithms;

    // By category: its share in the history, its parts in the list, and the first of its candidates, 0 for none.
    private readonly int[] _wanted;
    private readonly int[] _chosen;
    private readonly int[] _first;
    private readonly int[] _ofUser;
    private int _count;

    private readonly int[] _less = new int[ItemCategories.MostOfItem + 1];
    private int _mostOfItem;

    // Candidates of categories: which, of how many categories it is, and where the category's next one stands.
    private (int Candidate, int Of, int Next)[] _entries = new (int, int, int)[1];
    private int[] _gains = [];
    private int[] _items = [];

    /// <param name="places">Items of a list.</param>
    public CategoryBalance(ItemCategories categories, int places)
    {
        _categories = categories;
        var names = categories.Names.Count;
        (_wanted, _chosen, _first, _ofUser) = (new int[names], new int[names], new int[names], new int[names]);
        _logarithms = new int[((places + 1) * Parts) + 1];
        for (var at = 1; at < _logarithms.Length; at++)
        {
            // Steps are rounded, not sums: those that follow are never larger.
            var step = Math.Log(1 + (1 / ((Floor * places * Parts) + at - 1)));
            _logarithms[at] = _logarithms[at - 1] + (int)Math.Round(step * LogarithmScale);
        }
    }

    /// <summary>What <see cref="Gains"/> are counted in.</summary>
    public const float Unit = (float)(1 / (LogarithmScale * ShareScale));

    /// <summary>By candidate, what it would add.</summary>
    public ReadOnlySpan<int> Gains => _gains;

    /// <summary>Begins a list; false where no item of the history has a category.</summary>
    /// <param name="history">Item indices, 0 for those that are not known.</param>
    /// <param name="items">The candidates.</param>
    public bool Begin(ReadOnlySpan<int> history, ReadOnlySpan<int> items)
    {
        var parts = 0;
        foreach (var item in history)
        {
            var categories = Of(item);
            foreach (var category in categories)
            {
                if (_wanted[category] == 0)
                {
                    _ofUser[_count++] = category;
                }
                _wanted[category] += s_parts[categories.Length];
                parts += s_parts[categories.Length];
            }
        }
        foreach (var category in _ofUser.AsSpan(0, _count))
        {
            _wanted[category] = (int)((long)_wanted[category] * ShareScale / parts);
        }
        if (parts > 0)
        {
            Enter(items);
        }
        return parts > 0;
    }

    /// <summary>Chooses a candidate.</summary>
    public void Take(int candidate)
    {
        var categories = Of(_items[candidate]);
        foreach (var category in categories)
        {
            if (_wanted[category] == 0)
            {
                continue;
            }
            // What another item of the category adds is less by the difference of two steps, which hangs on how many
            // categories that item has.
            var before = _logarithms.AsSpan(_chosen[category]);
            _chosen[category] += s_parts[categories.Length];
            var after = _logarithms.AsSpan(_chosen[category]);
            for (var of = 1; of <= _mostOfItem; of++)
            {
                var parts = s_parts[of];
                _less[of] = _wanted[category] * (after[parts] - after[0] - (before[parts] - before[0]));
            }
            for (var at = _first[category]; at > 0; at = _entries[at].Next)
            {
                _gains[_entries[at].Candidate] += _less[_entries[at].Of];
            }
        }
    }

    /// <summary>Forgets the list.</summary>
    public void End()
    {
        foreach (var category in _ofUser.AsSpan(0, _count))
        {
            (_wanted[category], _chosen[category], _first[category]) = (0, 0, 0);
        }
        _count = 0;
    }

    // One that the model does not know has none.
    private ReadOnlySpan<int> Of(int item) => item < _categories.Items ? _categories.Of(item) : [];

    private void Enter(ReadOnlySpan<int> items)
    {
        if (_items.Length < items.Length)
        {
            (_items, _gains) = (new int[items.Length], new int[items.Length]);
            _entries = new (int, int, int)[1 + (items.Length * ItemCategories.MostOfItem)];
        }
        items.CopyTo(_items);
        var entry = 0;
        _mostOfItem = 0;
        for (var candidate = 0; candidate < items.Length; candidate++)
        {
            var categories = Of(items[candidate]);
            var parts = s_parts[categories.Length];
            var gain = 0;
            foreach (var category in categories)
            {
                if (_wanted[category] is > 0 and var wanted)
                {
                    gain += wanted * _logarithms[parts];
                    _entries[++entry] = (candidate, categories.Length, _first[category]);
                    _first[category] = entry;
                }
            }
            _gains[candidate] = gain;
            _mostOfItem = Math.Max(_mostOfItem, categories.Length);
        }
    }
}
