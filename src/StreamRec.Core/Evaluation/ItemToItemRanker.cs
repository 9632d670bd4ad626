using System.Runtime.InteropServices;
using StreamRec.Ranking;

namespace StreamRec.Evaluation;

/// <summary>
/// Item-to-item: sim(i, j) = users with both / √(users with i · users with j); the score of j is Σ sim(i, j)/(1 + age
/// of i) over the last 10 events. Each item keeps its 200 nearest; items with no score follow by popularity. Fixed
/// after construction.
/// </summary>
public sealed class ItemToItemRanker : ICaseRanker
{
    private const int Nearest = 200,
        Recent = 10,
        MostUsers = 2000,
        MostItems = 500;
    private readonly PopularityRanker _popularity = new();
    private readonly (int Item, double Similarity)[]?[] _near;

    /// <param name="sequences">Items in 1..N of each user.</param>
    /// <param name="items">N.</param>
    public ItemToItemRanker(IReadOnlyList<ReadOnlyMemory<int>> sequences, int items, CancellationToken cancel = default)
    {
        // Very long sequences and very common items are cut, evenly, so that the work stays linear in the data.
        var sets = new int[sequences.Count][];
        var users = new List<int>?[items + 1];
        for (var user = 0; user < sequences.Count; user++)
        {
            foreach (var item in sequences[user].Span)
            {
                _popularity.Observe(user, 0, item);
            }
            int[] all = [.. new HashSet<int>(sequences[user].ToArray())];
            sets[user] = all[^Math.Min(all.Length, MostItems)..];
            foreach (var item in sets[user])
            {
                (users[item] ??= []).Add(user);
            }
        }
        _near = new (int, double)[]?[items + 1];
        var stoppable = new ParallelOptions { CancellationToken = cancel };
        Parallel.For(
            1,
            items + 1,
            stoppable,
            () => new Dictionary<int, int>(),
            (item, _, together) =>
            {
                if (users[item] is { } own)
                {
                    _near[item] = NearestTo(item, own, users, sets, together);
                }
                return together;
            },
            _ => { }
        );
    }

    public string Name => "item-to-item";

    public void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    )
    {
        var result = new int[cases.Count];
        Parallel.For(
            0,
            cases.Count,
            new ParallelOptions { CancellationToken = cancel },
            at => result[at] = Scores(cases[at]).RankOf(cases[at].Target, eligible.ExcludedOnce(cases[at].History.Span))
        );
        result.CopyTo(ranks);
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top) =>
        Scores(asked).List(eligible.ExcludedOnce(asked.History.Span), top);

    public void Observe(int user, int previous, int item) { }

    private static (int, double)[] NearestTo(
        int item,
        List<int> own,
        List<int>?[] users,
        int[][] sets,
        Dictionary<int, int> together
    )
    {
        together.Clear();
        var stride = (own.Count + MostUsers - 1) / MostUsers;
        for (var at = 0; at < own.Count; at += stride)
        {
            foreach (var other in sets[own[at]])
            {
                CollectionsMarshal.GetValueRefOrAddDefault(together, other, out _)++;
            }
        }
        together.Remove(item);
        return
        [
            .. together
                .Select(pair =>
                    (pair.Key, Similarity: pair.Value * stride / Math.Sqrt((double)own.Count * users[pair.Key]!.Count))
                )
                .OrderByDescending(pair => pair.Similarity)
                .ThenBy(pair => pair.Key)
                .Take(Nearest),
        ];
    }

    private ScoredThenPopular<double> Scores(in RankingCase asked)
    {
        var scores = new Dictionary<int, double>();
        ReadOnlySpan<int> history = asked.History.Span;
        for (var age = 0; age < Math.Min(Recent, history.Length); age++)
        {
            foreach ((var near, var similarity) in _near[history[^(age + 1)]] ?? [])
            {
                CollectionsMarshal.GetValueRefOrAddDefault(scores, near, out _) += similarity / (1 + age);
            }
        }
        return new ScoredThenPopular<double>(scores, _popularity);
    }
}
