using System.Runtime.InteropServices;

namespace StreamRec.Evaluation;

/// <summary>
/// First-order Markov: items by how often they followed the last item, then by popularity, then by index.
/// </summary>
public sealed class MarkovRanker : IStreamRanker
{
    private static readonly Dictionary<int, long> Nothing = [];
    private readonly PopularityRanker _popularity = new();
    private readonly Dictionary<int, Dictionary<int, long>> _next = [];

    public int Rank(int user, int previous, IReadOnlySet<int> excluded, Span<int> top) =>
        After(previous).List(excluded, top);

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

    public int RankOf(int previous, int target, IReadOnlySet<int> excluded) => After(previous).RankOf(target, excluded);

    private ScoredThenPopular<long> After(int previous) => new(_next.GetValueOrDefault(previous, Nothing), _popularity);
}
