using StreamRec.Ranking;

namespace StreamRec.Evaluation;

/// <summary>
/// Lists items by counts that do not change; at equal counts the lower index first. An item without a count is in no
/// list.
/// </summary>
/// <param name="counts">N+1, by index: how often, or what else they count.</param>
public sealed class FixedPopularityRanker(IReadOnlyList<double> counts, string name = "popularity") : ICaseRanker
{
    private readonly int[] _order =
    [
        .. Enumerable
            .Range(1, counts.Count - 1)
            .Where(item => counts[item] > 0)
            .OrderByDescending(item => counts[item])
            .ThenBy(item => item),
    ];
    private readonly double[] _ascending = [.. counts.Skip(1).Order()];

    public string Name => name;

    public void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    )
    {
        for (var at = 0; at < cases.Count; at++)
        {
            cancel.ThrowIfCancellationRequested();
            var target = cases[at].Target;
            var limit = counts[target];
            ranks[at] =
                limit == 0
                    ? RankingMetrics.Miss
                    : AtLeast(limit)
                        - eligible
                            .ExcludedOnce(cases[at].History.Span)
                            .Count(item => item != target && counts[item] >= limit);
        }
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top)
    {
        IReadOnlySet<int> excluded = eligible.ExcludedOnce(asked.History.Span);
        var found = 0;
        foreach (var item in _order)
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

    public void Observe(int user, int previous, int item) { }

    /// <summary>Items with at least so many.</summary>
    private int AtLeast(double limit)
    {
        int low = 0,
            high = _ascending.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _ascending[middle] < limit ? (middle + 1, high) : (low, middle);
        }
        return _ascending.Length - low;
    }
}
