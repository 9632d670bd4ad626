namespace StreamRec.Evaluation;

/// <summary>
/// Sums over the ranks of held-out items. A rank is 1-based; <see cref="Miss"/> stands for an item that is in no list.
/// </summary>
public sealed class RankingMetrics
{
    public const int Miss = int.MaxValue;

    /// <summary>How many standard errors a 95 % interval reaches to either side.</summary>
    private const double Normal95 = 1.96;

    private readonly List<int> _ranks = [];
    private readonly List<int> _users = [];

    public int Count => _ranks.Count;

    /// <summary>Users whose ranks these are.</summary>
    public int Users => _users.Distinct().Count();

    /// <summary>Adds the rank of a user of its own.</summary>
    public void Add(int rank) => Add(rank, ~Count);

    /// <param name="rank">From 1.</param>
    /// <param name="user">Whose rank it is, 0 or more: ranks of one user, or session, depend on each other.</param>
    public void Add(int rank, int user)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        _ranks.Add(rank);
        _users.Add(user);
    }

    /// <summary>HR@n, which for one target is R@n: the share of ranks within the first n. NaN without ranks.</summary>
    public double HitRate(int n) => Mean(n, _ => 1);

    /// <summary>
    /// NDCG@n for one target: the mean of 1/log2(1 + rank) within the first n, else 0. NaN without ranks.
    /// </summary>
    public double Ndcg(int n) => Mean(n, rank => 1 / Math.Log2(1.0 + rank));

    /// <summary>MRR@n: the mean of 1/rank within the first n, else 0. NaN without ranks.</summary>
    public double Mrr(int n) => Mean(n, rank => 1.0 / rank);

    /// <summary>1 + the number of items that score at least as much as the target: ties count against.</summary>
    /// <param name="scores">N+1 scores by item; index 0 is padding.</param>
    /// <param name="excluded">Items that are left out of the list; the target never is.</param>
    public static int RankOf(ReadOnlySpan<float> scores, int target, ReadOnlySpan<int> excluded = default)
    {
        var limit = scores[target];
        if (!float.IsFinite(limit))
        {
            return Miss;
        }
        var rank = 0;
        foreach (var score in scores[1..])
        {
            rank += score < limit ? 0 : 1;
        }
        foreach (var item in new HashSet<int>(excluded.ToArray()))
        {
            rank -= item > 0 && item != target && !(scores[item] < limit) ? 1 : 0;
        }
        return rank;
    }

    /// <summary>The figures by the names they have in results, for n = 10 and 20. NaN without ranks.</summary>
    public IReadOnlyDictionary<string, double> ByName() => Measures().ToDictionary(m => m.Name, m => Mean(m.N, m.Gain));

    /// <summary>
    /// 95 % confidence intervals of <see cref="ByName"/>. Users are independent draws, each with all of its cases: mean
    /// ± 1.96·s, s² = U/(U−1) · Σ_users (Σ_cases (x − mean))² / n². Null of fewer than two users.
    /// </summary>
    public IReadOnlyDictionary<string, double[]?> Intervals() =>
        Measures().ToDictionary(m => m.Name, m => Interval(at => Gain(_ranks[at], m.N, m.Gain)));

    /// <summary>The same of what these ranks reach more than those of another ranker, case by case.</summary>
    /// <param name="other">Ranks of the same cases, in the same order.</param>
    public IReadOnlyDictionary<string, double[]?> IntervalsAbove(RankingMetrics other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(other.Count, Count);
        return Measures()
            .ToDictionary(
                m => m.Name,
                m => Interval(at => Gain(_ranks[at], m.N, m.Gain) - Gain(other._ranks[at], m.N, m.Gain))
            );
    }

    private static IEnumerable<(string Name, int N, Func<int, double> Gain)> Measures()
    {
        foreach (var n in (int[])[10, 20])
        {
            yield return ($"hr@{n}", n, _ => 1);
            yield return ($"ndcg@{n}", n, rank => 1 / Math.Log2(1.0 + rank));
            yield return ($"mrr@{n}", n, rank => 1.0 / rank);
        }
    }

    private static double Gain(int rank, int n, Func<int, double> gain) => rank <= n ? gain(rank) : 0;

    private double Mean(int n, Func<int, double> gain) =>
        Count == 0 ? double.NaN : _ranks.Sum(rank => Gain(rank, n, gain)) / Count;

    private double[]? Interval(Func<int, double> valueOf)
    {
        var mean = Enumerable.Range(0, Count).Select(valueOf).DefaultIfEmpty().Average();
        var ofUser = new Dictionary<int, double>();
        for (var at = 0; at < Count; at++)
        {
            ofUser[_users[at]] = ofUser.GetValueOrDefault(_users[at]) + valueOf(at) - mean;
        }
        double users = ofUser.Count;
        var half = Normal95 * Math.Sqrt(users / (users - 1) * ofUser.Values.Sum(sum => sum * sum)) / Count;
        return users < 2 ? null : [mean - half, mean + half];
    }
}
