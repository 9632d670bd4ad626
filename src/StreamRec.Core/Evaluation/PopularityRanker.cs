namespace StreamRec.Evaluation;

/// <summary>Lists items by how often they were seen so far; at equal counts the lower index first.</summary>
public sealed class PopularityRanker : IStreamRanker
{
    private readonly SortedSet<(long Count, int Item)> _order = new(ByCountThenItem);
    private readonly Dictionary<int, long> _counts = [];

    internal static IComparer<(long Count, int Item)> ByCountThenItem { get; } =
        Comparer<(long Count, int Item)>.Create((x, y) =>
            x.Count != y.Count ? y.Count.CompareTo(x.Count) : x.Item.CompareTo(y.Item));

    public long CountOf(int item) => _counts.GetValueOrDefault(item);

    public int Rank(int user, int previous, IReadOnlySet<int> excluded, Span<int> top)
    {
        int found = 0;
        foreach ((long _, int item) in _order)
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
        long count = CountOf(item);
        _order.Remove((count, item));
        _counts[item] = count + 1;
        _order.Add((count + 1, item));
    }

    /// <summary>The target's rank among all items seen so far; equal counts count against it.</summary>
    public int RankOf(int target, IReadOnlySet<int> excluded)
    {
        long limit = CountOf(target);
        if (limit == 0)
        {
            return RankingMetrics.Miss;
        }

        int rank = 0;
        foreach ((long count, int item) in _order)
        {
            if (count < limit)
            {
                break;
            }

            rank += item == target || !excluded.Contains(item) ? 1 : 0;
        }

        return rank;
    }
}
