using StreamRec.Evaluation;
using StreamRec.Ranking;

namespace StreamRec.Training.Baselines;

/// <summary>Which settings of a kind are best for events that were held out of the training part.</summary>
/// <param name="Variant">Its place in <see cref="RankerKind.Variants"/>.</param>
/// <param name="Ndcg10">NDCG@10 there; null: there was nothing to choose, or nothing to choose by.</param>
public readonly record struct RankerChoice(int Variant, double? Ndcg10)
{
    /// <summary>The best by NDCG@10, at equal ones the first.</summary>
    /// <param name="rest">The training part without what is asked.</param>
    public static RankerChoice Of(
        RankerKind kind,
        TrainingPart rest,
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Action<int, int>? progress = null
    )
    {
        var variants = kind.Variants(rest);
        if (variants.Count < 2 || cases.Count == 0)
        {
            return default;
        }
        var best = new RankerChoice(0, double.NegativeInfinity);
        var ranks = new int[cases.Count];
        for (var at = 0; at < variants.Count; at++)
        {
            progress?.Invoke(at, variants.Count);
            variants[at].Fit().Rank(cases, eligible, ranks, rest.Cancel);
            var metrics = new RankingMetrics();
            foreach (var (asked, rank) in cases.Zip(ranks))
            {
                metrics.Add(eligible.Allows(asked.History.Span, asked.Target) ? rank : RankingMetrics.Miss);
            }
            best = metrics.Ndcg(10) > best.Ndcg10 ? new RankerChoice(at, metrics.Ndcg(10)) : best;
        }
        return best;
    }
}
