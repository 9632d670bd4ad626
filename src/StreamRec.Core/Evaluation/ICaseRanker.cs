using StreamRec.Ranking;

namespace StreamRec.Evaluation;

/// <summary>Answers ranking cases with what it knows now. One caller at a time.</summary>
public interface ICaseRanker
{
    /// <summary>The key in results: <c>model</c>, <c>popularity</c>, ….</summary>
    string Name { get; }

    /// <summary>
    /// The rank of each case's target among the items that its list may hold, from 1; ties count against it, and an
    /// item that the ranker does not know is a <see cref="RankingMetrics.Miss"/>. A target that the list must not hold
    /// is ranked as if it could be.
    /// </summary>
    /// <param name="ranks">One for each case.</param>
    void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    );

    /// <summary>The best items for a case, best first; returns how many there are.</summary>
    int List(in RankingCase asked, Eligibility eligible, Span<int> top);

    /// <summary>An event of the stream happened; a ranker that is not fed by the stream ignores it.</summary>
    void Observe(int user, int previous, int item);
}
