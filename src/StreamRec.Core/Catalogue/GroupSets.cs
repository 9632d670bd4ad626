using StreamRec.Ranking.Caps;

namespace StreamRec.Catalogue;

/// <summary>
/// What items are counted among by a cap: each set of categories, or of texts, once, by number. One writer; sets are
/// only ever added, so that all views share them.
/// </summary>
/// <remarks>Numbers hang on the order of arrival, and nothing but their being equal is ever asked.</remarks>
/// <param name="of"><see cref="ListCap.Of"/>.</param>
internal sealed class GroupSets(string of)
{
    private readonly Dictionary<string, int> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { [""] = 0 };
    private int[][] _sets =
    [
        [],
    ];
    private int _count = 1;

    /// <summary>The sets that there are, by number; those behind come to be.</summary>
    public int[][] All => _sets;

    /// <summary>The number of an item's set; 0 of the empty one.</summary>
    public int Of(ItemFacts item)
    {
        var names =
            of == ListCap.Category ? item.Categories
            : item.Attributes.TryGetValue(of, out var value) ? value.AsTexts
            : [];
        int[] set = [.. names.Select(Group).Distinct().Order()];
        var key = string.Join(',', set);
        if (_numbers.TryGetValue(key, out var number))
        {
            return number;
        }
        if (_count == _sets.Length)
        {
            Array.Resize(ref _sets, 2 * _count);
        }
        _sets[_count] = set;
        _numbers.Add(key, _count);
        return _count++;
    }

    private int Group(string name)
    {
        if (!_groups.TryGetValue(name, out var group))
        {
            _groups.Add(name, group = _groups.Count);
        }
        return group;
    }
}
