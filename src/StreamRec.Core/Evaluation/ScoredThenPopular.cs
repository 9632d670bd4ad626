namespace StreamRec.Evaluation;

/// <summary>A ranking of all items from scores of a few: by score, then by popularity, then by index.</summary>
/// <param name="scores">Positive scores; every other item has 0.</param>
internal readonly struct ScoredThenPopular<T>(IReadOnlyDictionary<int, T> scores, PopularityRanker popularity)
    where T : struct, IComparable<T>
{
    public int List(IReadOnlySet<int> excluded, Span<int> top)
    {
        PopularityRanker counts = popularity;
        var found = 0;
        var taken = new HashSet<int>(excluded);
        foreach (
            (var item, T _) in scores
                .Where(scored => !excluded.Contains(scored.Key))
                .OrderByDescending(scored => scored.Value)
                .ThenByDescending(scored => counts.CountOf(scored.Key))
                .ThenBy(scored => scored.Key)
                .Take(top.Length)
        )
        {
            top[found++] = item;
            taken.Add(item);
        }
        return found + popularity.Rank(0, 0, taken, top[found..]);
    }

    /// <summary>The target's rank; equal in both counts against it.</summary>
    public int RankOf(int target, IReadOnlySet<int> excluded)
    {
        var byPopularity = popularity.RankOf(target, excluded);
        if (byPopularity == RankingMetrics.Miss)
        {
            return byPopularity;
        }
        var scored = scores.TryGetValue(target, out T own);
        var limit = popularity.CountOf(target);
        var rank = scored ? 1 : byPopularity;
        foreach ((var item, T score) in scores)
        {
            if (item == target || excluded.Contains(item))
            {
                continue;
            }
            // Where the target has no score, scored items that are at least as popular are in byPopularity already.
            var count = popularity.CountOf(item);
            var order = scored ? score.CompareTo(own) : 0;
            rank += scored ? (order > 0 || (order == 0 && count >= limit) ? 1 : 0) : (count < limit ? 1 : 0);
        }
        return rank;
    }
}
