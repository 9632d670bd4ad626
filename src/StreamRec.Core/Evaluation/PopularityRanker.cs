using System.Runtime.InteropServices;

namespace StreamRec.Evaluation;

/// <summary>Lists items by how often they were seen so far; at equal counts the lower index first.</summary>
public sealed class PopularityRanker : IStreamRanker
{
    private readonly SortedSet<(long Count, int Item)> _order = new(ByCountThenItem);
    private readonly Dictionary<int, long> _counts = [];
    private readonly List<int> _atLeast = [];

    internal static IComparer<(long Count, int Item)> ByCountThenItem { get; } =
        Comparer<(long Count, int Item)>.Create(
            (x, y) => x.Count != y.Count ? y.Count.CompareTo(x.Count) : x.Item.CompareTo(y.Item)
        );

    /// <summary>How many different items were seen.</summary>
    public int Items => _counts.Count;

    public long CountOf(int item) => _counts.GetValueOrDefault(item);

    public int Rank(int user, int previous, IReadOnlySet<int> excluded, Span<int> top)
    {
        var found = 0;
        foreach ((var _, var item) in _order)
        {
            if (found == top.Length)
            {
                break;
            }
            if (!excluded.Contains(item))
            {
                top[found++] = item;
            }
        }
        return found;
    }

    public void Observe(int user, int previous, int item)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, item, out _);
        _order.Remove((count, item));
        count++;
        _order.Add((count, item));
        if (_atLeast.Count < count)
        {
            _atLeast.Add(0);
        }
        _atLeast[(int)count - 1]++;
    }

    public int RankOf(int previous, int target, IReadOnlySet<int> excluded) => RankOf(target, excluded);

    /// <summary>
    /// The target's rank among all items seen so far; equal counts count against it. Takes time with the excluded items
    /// only.
    /// </summary>
    public int RankOf(int target, IReadOnlySet<int> excluded)
    {
        var limit = CountOf(target);
        if (limit == 0)
        {
            return RankingMetrics.Miss;
        }
        var rank = _atLeast[(int)limit - 1];
        foreach (var item in excluded)
        {
            rank -= item != target && CountOf(item) >= limit ? 1 : 0;
        }
        return rank;
    }
}
