using StreamRec.Models;

namespace StreamRec.Ranking.Variety;

/// <summary>
/// How near the categories of what is chosen come to those of a user's history: Steck's calibration (2018), as the sum
/// Σ_g p_g·ln(α + q_g), p_g being the share of category g in the history, q_g its share in the list, so far and of all
/// its places. Each item's share is parted evenly among its categories.
/// </summary>
/// <remarks>
/// Allocates nothing; one thread at a time. A share is counted in whole sixtieths of an item, and the logarithms are a
/// table whose steps never grow, so what an item adds never grows either while others are chosen: to the bit.
/// </remarks>
internal sealed class CategoryBalance
{
    /// <summary>Parts of an item, which 1 to 6 categories share evenly.</summary>
    private const int Parts = 60;

    /// <summary>α: the share of a category that is as good as none.</summary>
    private const double Floor = 0.01;

    /// <summary>Of a logarithm.</summary>
    private const double Scale = 1 << 22;

    private readonly ItemCategories _categories;
    private readonly int[] _logarithms;

    // By category.
    private readonly int[] _wanted;
    private readonly int[] _chosen;
    private float _share;

    /// <param name="places">Items of a list.</param>
    public CategoryBalance(ItemCategories categories, int places)
    {
        _categories = categories;
        (_wanted, _chosen) = (new int[categories.Names.Count], new int[categories.Names.Count]);
        _logarithms = new int[(places * Parts) + 1];
        for (var at = 1; at < _logarithms.Length; at++)
        {
            // Steps are rounded, not sums: those that follow are never larger.
            var step = Math.Log(1 + (1 / ((Floor * places * Parts) + at - 1)));
            _logarithms[at] = _logarithms[at - 1] + (int)Math.Round(step * Scale);
        }
    }

    /// <summary>Begins a list; false where no item of the history has a category.</summary>
    public bool Begin(ReadOnlySpan<int> history)
    {
        var parts = 0;
        foreach (var item in history)
        {
            var categories = _categories.Of(item);
            foreach (var category in categories)
            {
                _wanted[category] += Parts / categories.Length;
                parts += Parts / categories.Length;
            }
        }
        _share = (float)(1 / (parts * Scale));
        return parts > 0;
    }

    /// <summary>What an item would add.</summary>
    public float Gain(int item)
    {
        var categories = _categories.Of(item);
        long sum = 0;
        foreach (var category in categories)
        {
            if (_wanted[category] is > 0 and var wanted)
            {
                var chosen = _chosen[category];
                sum +=
                    (long)wanted * (_logarithms[chosen + (Parts / categories.Length)] - _logarithms[chosen]);
            }
        }
        return sum * _share;
    }

    public void Take(int item)
    {
        var categories = _categories.Of(item);
        foreach (var category in categories)
        {
            _chosen[category] += Parts / categories.Length;
        }
    }

    /// <summary>Forgets the list.</summary>
    /// <param name="history">The one that it began with.</param>
    /// <param name="taken">All that was taken.</param>
    public void End(ReadOnlySpan<int> history, ReadOnlySpan<int> taken)
    {
        foreach (var item in history)
        {
            foreach (var category in _categories.Of(item))
            {
                _wanted[category] = 0;
            }
        }
        foreach (var item in taken)
        {
            foreach (var category in _categories.Of(item))
            {
                _chosen[category] = 0;
            }
        }
    }
}
