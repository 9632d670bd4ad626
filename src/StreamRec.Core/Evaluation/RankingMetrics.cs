namespace StreamRec.Evaluation;

/// <summary>Sums over the ranks of held-out items. A rank is 1-based; <see cref="Miss"/> stands for an item that is in no list.</summary>
public sealed class RankingMetrics
{
    public const int Miss = int.MaxValue;
    private readonly List<int> _ranks = [];

    public int Count => _ranks.Count;

    public void Add(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        _ranks.Add(rank);
    }

    /// <summary>HR@n, which for one target is R@n: the share of ranks within the first n. 0 without ranks.</summary>
    public double HitRate(int n) => Mean(n, _ => 1);

    /// <summary>NDCG@n for one target: the mean of 1/log2(1 + rank) within the first n, else 0.</summary>
    public double Ndcg(int n) => Mean(n, rank => 1 / Math.Log2(1.0 + rank));

    /// <summary>MRR@n: the mean of 1/rank within the first n, else 0.</summary>
    public double Mrr(int n) => Mean(n, rank => 1.0 / rank);

    /// <summary>1 + the number of items that score at least as much as the target: ties count against.</summary>
    /// <param name="scores">N+1 scores by item; index 0 is padding.</param>
    /// <param name="excluded">Items that are left out of the list; the target never is.</param>
    public static int RankOf(ReadOnlySpan<float> scores, int target, ReadOnlySpan<int> excluded = default)
    {
        float limit = scores[target];
        if (!float.IsFinite(limit))
        {
            return Miss;
        }

        int rank = 0;
        foreach (float score in scores[1..])
        {
            rank += score < limit ? 0 : 1;
        }

        foreach (int item in new HashSet<int>(excluded.ToArray()))
        {
            rank -= item > 0 && item != target && !(scores[item] < limit) ? 1 : 0;
        }

        return rank;
    }

    /// <summary>The figures by the names they have in results, for n = 10 and 20.</summary>
    public IReadOnlyDictionary<string, double> ByName() => Measures().ToDictionary(m => m.Name, m => Mean(m.N, m.Gain));

    /// <summary>95 % confidence intervals of <see cref="ByName"/>, the cases being independent draws: mean ± 1.96·s/√n.</summary>
    public IReadOnlyDictionary<string, double[]> Intervals() => Measures().ToDictionary(m => m.Name, m =>
    {
        double mean = Mean(m.N, m.Gain), square = Mean(m.N, rank => Math.Pow(m.Gain(rank), 2));
        double half = Count < 2 ? 0 : 1.96 * Math.Sqrt(Math.Max(0, square - (mean * mean)) / (Count - 1));
        return new[] { mean - half, mean + half };
    });

    private static IEnumerable<(string Name, int N, Func<int, double> Gain)> Measures()
    {
        foreach (int n in (int[])[10, 20])
        {
            yield return ($"hr@{n}", n, _ => 1);
            yield return ($"ndcg@{n}", n, rank => 1 / Math.Log2(1.0 + rank));
            yield return ($"mrr@{n}", n, rank => 1.0 / rank);
        }
    }

    private double Mean(int n, Func<int, double> gain) =>
        Count == 0 ? 0 : _ranks.Where(rank => rank <= n).Sum(gain) / Count;
}
