using System.Runtime.InteropServices;

namespace StreamRec.Evaluation;

/// <summary>First-order Markov: items by how often they followed the last item, then by popularity, then by index.</summary>
public sealed class MarkovRanker : IStreamRanker
{
    private readonly PopularityRanker _popularity = new();
    private readonly Dictionary<int, Dictionary<int, long>> _next = [];

    public int Rank(int user, int previous, IReadOnlySet<int> excluded, Span<int> top)
    {
        int found = 0;
        var followers = new HashSet<int>(excluded);
        if (_next.TryGetValue(previous, out Dictionary<int, long>? counts))
        {
            foreach ((int item, long _) in counts
                .Where(next => !excluded.Contains(next.Key))
                .OrderByDescending(next => next.Value)
                .ThenByDescending(next => _popularity.CountOf(next.Key))
                .ThenBy(next => next.Key)
                .Take(top.Length))
            {
                top[found++] = item;
                followers.Add(item);
            }
        }

        return found + _popularity.Rank(user, previous, followers, top[found..]);
    }

    public void Observe(int user, int previous, int item)
    {
        _popularity.Observe(user, previous, item);
        if (previous != 0)
        {
            ref Dictionary<int, long>? counts = ref CollectionsMarshal.GetValueRefOrAddDefault(_next, previous, out _);
            counts ??= [];
            CollectionsMarshal.GetValueRefOrAddDefault(counts, item, out _)++;
        }
    }

    /// <summary>The target's rank among all items seen so far; equal in both counts counts against it.</summary>
    public int RankOf(int previous, int target, IReadOnlySet<int> excluded)
    {
        int byPopularity = _popularity.RankOf(target, excluded);
        if (byPopularity == RankingMetrics.Miss || !_next.TryGetValue(previous, out Dictionary<int, long>? counts))
        {
            return byPopularity;
        }

        (long, long) limit = (counts.GetValueOrDefault(target), _popularity.CountOf(target));
        int rank = limit.Item1 > 0 ? 1 : byPopularity;
        foreach ((int item, long count) in counts)
        {
            if (item == target || excluded.Contains(item))
            {
                continue;
            }

            // Where the target never followed, followers that are at least as popular are in byPopularity already.
            long popularity = _popularity.CountOf(item);
            rank += limit.Item1 > 0
                ? ((count, popularity).CompareTo(limit) >= 0 ? 1 : 0)
                : (popularity < limit.Item2 ? 1 : 0);
        }

        return rank;
    }
}
