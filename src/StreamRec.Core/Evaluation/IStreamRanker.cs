namespace StreamRec.Evaluation;

/// <summary>Something that lists items for a user and learns from each event. One thread at a time.</summary>
public interface IStreamRanker
{
    /// <summary>Writes the best items, best first, into <paramref name="top"/>; returns how many there are.</summary>
    /// <param name="previous">The user's last item, 0 for none.</param>
    /// <param name="excluded">Items that must not be listed.</param>
    int Rank(int user, int previous, IReadOnlySet<int> excluded, Span<int> top);

    /// <summary>
    /// The target's rank among all items seen so far, from 1; ties count against it. <see cref="RankingMetrics.Miss"/>
    /// if it is none of them.
    /// </summary>
    int RankOf(int previous, int target, IReadOnlySet<int> excluded);

    /// <summary>
    /// An event happened. <paramref name="previous"/> is the item of the user's event before it, 0 for none.
    /// </summary>
    void Observe(int user, int previous, int item);
}
