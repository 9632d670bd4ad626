using StreamRec.Ranking;

namespace StreamRec.Evaluation;

/// <summary>A ranker that only looks at the last item, as one that answers cases.</summary>
public sealed class StreamCaseRanker(string name, IStreamRanker ranker) : ICaseRanker
{
    public string Name => name;

    public void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    )
    {
        for (var at = 0; at < cases.Count; at++)
        {
            cancel.ThrowIfCancellationRequested();
            ranks[at] = ranker.RankOf(cases[at].Last, cases[at].Target, eligible.ExcludedOnce(cases[at].History.Span));
        }
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top) =>
        ranker.Rank(asked.User, asked.Last, eligible.ExcludedOnce(asked.History.Span), top);

    public void Observe(int user, int previous, int item) => ranker.Observe(user, previous, item);
}
