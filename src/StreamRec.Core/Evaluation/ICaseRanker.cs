namespace StreamRec.Evaluation;

/// <summary>Answers ranking cases with what it knows now. One caller at a time.</summary>
public interface ICaseRanker
{
    /// <summary>The key in results: <c>model</c>, <c>popularity</c>, ….</summary>
    string Name { get; }

    /// <summary>The rank of each case's target among all items, from 1; ties count against it, and an item that is in no list is a <see cref="RankingMetrics.Miss"/>.</summary>
    /// <param name="filterSeen">Items of the history are left out of the ranking; the target never is.</param>
    /// <param name="ranks">One for each case.</param>
    void Rank(IReadOnlyList<RankingCase> cases, bool filterSeen, Span<int> ranks);

    /// <summary>The best items for a case, best first; returns how many there are.</summary>
    int List(in RankingCase asked, bool filterSeen, Span<int> top);

    /// <summary>An event of the stream happened; a ranker that is not fed by the stream ignores it.</summary>
    void Observe(int user, int previous, int item);
}
