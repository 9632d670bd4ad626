using StreamRec.Evaluation;
using StreamRec.Ranking;

namespace StreamRec.Comparisons;

/// <summary>Asks a ranker a part of the cases after another, and tells after each how many are done.</summary>
internal sealed class ReportingRanker(ICaseRanker ranker, Action<int> report) : ICaseRanker
{
    private const int Part = 4096;

    public string Name => ranker.Name;

    public void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    )
    {
        for (var from = 0; from < cases.Count; from += Part)
        {
            var count = Math.Min(Part, cases.Count - from);
            ranker.Rank([.. cases.Skip(from).Take(count)], eligible, ranks.Slice(from, count), cancel);
            report(from + count);
        }
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top) => ranker.List(asked, eligible, top);

    public void Observe(int user, int previous, int item) => ranker.Observe(user, previous, item);
}
