using StreamRec.Evaluation;
using StreamRec.Models.Towers;

namespace StreamRec.Training.Towers;

/// <summary>
/// Chooses γ and β: each tenth of the known items as if it were new, beside the others as they are, such that it takes
/// a share of the slots of lists of 10.
/// </summary>
internal static class ShareTable
{
    private const int ListLength = 10;
    private const int MostCases = 4_000;

    // Scores of all known items are kept, case by case: 400 MB of them at most, but of so many cases in any case.
    private const long MostScores = 100_000_000;
    private const int LeastCases = 50;
    private const double Price = 0.015;
    private static readonly double[] s_shares = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4];
    private static readonly double[] s_between = [0.0075, 0.015, 0.025, 0.03, 0.04, 0.06, 0.08, 0.15];
    private static readonly float[] s_gammas = [0.75f, 1, 1.5f, 2, 2.5f, 3, 4, 5, 6];

    /// <param name="vectors">[N+1,D+1] by cross-fitting.</param>
    public static IReadOnlyList<TowerShare> Of(
        TowerInput input,
        CrossFit folds,
        float[] vectors,
        CancellationToken cancel
    )
    {
        int[] which =
        [
            .. Enumerable.Range(0, input.Cases.Count).Where(at => input.HeldOut.Contains(input.Cases[at].User)),
        ];
        var most = (int)Math.Clamp(MostScores / Math.Max(1, input.Items), LeastCases, MostCases);
        var step = Math.Max(1, (which.Length + most - 1) / most);
        which = [.. which.Where((_, place) => place % step == 0)];
        var cases = new List<Case>[s_gammas.Length];
        var wide = folds.Wide;
        var known = new float[(input.Items + 1) * wide];
        for (var item = 1; item <= input.Items; item++)
        {
            input.Vectors.AsSpan(item * input.Dimension, input.Dimension).CopyTo(known.AsSpan(item * wide));
            known[(item * wide) + input.Dimension] = input.Biases[item];
        }
        var knownScores = new float[which.Length][];
        NewItems.Score(folds.Users, which, known, wide, (at, scores) => knownScores[at] = scores.ToArray(), cancel);
        var gamma = Enumerable
            .Range(0, s_gammas.Length)
            .AsParallel()
            .WithCancellation(cancel)
            .Select(at =>
            {
                cases[at] = Cases(input, folds, which, knownScores, Scaled(vectors, wide, s_gammas[at]), cancel);
                return (At: at, Ndcg: AtPrice(cases[at]));
            })
            .ToArray()
            .MaxBy(one => (one.Ndcg, -one.At))
            .At;
        var thresholds = Thresholds(cases[gamma]);
        return [.. s_shares.Select(share => new TowerShare(share, s_gammas[gamma], BetaFor(thresholds, share)))];
    }

    // What new items are worth at the largest share that costs the known ones no more than a price: so that what is
    // compared costs the same.
    private static double AtPrice(List<Case> cases)
    {
        var thresholds = Thresholds(cases);
        var known = cases.Where(one => !one.IsNew).ToArray();
        var least = (1 - Price) * Mean(known, float.NegativeInfinity);
        var beta = s_shares
            .Concat(s_between)
            .OrderDescending()
            .Select(share => BetaFor(thresholds, share))
            .FirstOrDefault(beta => Mean(known, beta) >= least, float.NegativeInfinity);
        return Mean(cases.Where(one => one.IsNew), beta);
    }

    private static double Mean(IEnumerable<Case> cases, float beta) =>
        cases.Select(one => one.Gain(beta)).DefaultIfEmpty().Average();

    private static float[] Scaled(float[] vectors, int wide, float gamma)
    {
        float[] scaled = [.. vectors];
        for (var at = 0; at < scaled.Length; at++)
        {
            scaled[at] *= at % wide == wide - 1 ? 1 : gamma;
        }
        return scaled;
    }

    private static List<Case> Cases(
        TowerInput input,
        CrossFit folds,
        int[] which,
        float[][] known,
        float[] vectors,
        CancellationToken cancel
    )
    {
        var result = new List<Case>();
        NewItems.Score(
            folds.Users,
            which,
            vectors,
            folds.Wide,
            (at, scores) =>
            {
                var asked = input.Cases[which[at]];
                var seen = asked.History.ToArray().ToHashSet();
                // The target's own tenth, and else the case's turn.
                var group = folds.Group[asked.Target] is >= 0 and var own ? own : at % (2 * CrossFit.Folds);
                var isNew = at % 2 == 0 && folds.Group[asked.Target] >= 0;
                group = isNew ? group : (group + 1) % (2 * CrossFit.Folds);
                var (old, news) = (new List<float>(), new List<float>());
                for (var item = 1; item <= input.Items; item++)
                {
                    if (folds.Group[item] == group)
                    {
                        if (!seen.Contains(item))
                        {
                            news.Add(scores.Span[item]);
                        }
                    }
                    else if (!input.ExcludeSeen || !seen.Contains(item))
                    {
                        old.Add(known[at][item]);
                    }
                }
                result.Add(
                    new(
                        isNew,
                        [.. old.OrderDescending().Take(ListLength)],
                        [.. news.OrderDescending().Take(ListLength)],
                        isNew ? scores.Span[asked.Target] : known[at][asked.Target]
                    )
                );
            },
            cancel
        );
        return result;
    }

    // From which β on each slot is a new item's: the j-th best of the new in the place of the j-th last of the known.
    private static float[] Thresholds(List<Case> cases)
    {
        float[] thresholds =
        [
            .. cases.SelectMany(one =>
                Enumerable
                    .Range(0, ListLength)
                    .Select(j =>
                        j < one.New.Length
                            ? (
                                ListLength - 1 - j < one.Known.Length
                                    ? one.Known[ListLength - 1 - j]
                                    : float.NegativeInfinity
                            ) - one.New[j]
                            : float.PositiveInfinity
                    )
            ),
        ];
        Array.Sort(thresholds);
        return thresholds;
    }

    private static float BetaFor(float[] thresholds, double share)
    {
        var finite = thresholds.Where(float.IsFinite).ToArray();
        var at =
            (int)(share * thresholds.Length)
            - Array.FindIndex(thresholds, threshold => threshold > float.NegativeInfinity);
        return finite.Length == 0 ? 0 : finite[Math.Clamp(at, 0, finite.Length - 1)];
    }

    private readonly record struct Case(bool IsNew, float[] Known, float[] New, float Target)
    {
        /// <summary>NDCG@10; of equal scores the known item's is first.</summary>
        public double Gain(float beta)
        {
            // No lambda of a struct may read its properties.
            var target = Target;
            var own = IsNew ? New : Known;
            if (own.Length == ListLength && target < own[^1])
            {
                return 0;
            }
            var rank = IsNew
                ? Known.Count(score => score >= target + beta) + New.Count(score => score >= target)
                : Known.Count(score => score >= target) + New.Count(score => score + beta > target);
            return rank is > 0 and <= ListLength ? 1 / Math.Log2(1.0 + rank) : 0;
        }
    }
}
