namespace StreamRec.Evaluation;

/// <summary>A ranker that only looks at the last item, as one that answers cases.</summary>
public sealed class StreamCaseRanker(string name, IStreamRanker ranker) : ICaseRanker
{
    private static readonly HashSet<int> Nothing = [];

    public string Name => name;

    public void Rank(IReadOnlyList<RankingCase> cases, bool filterSeen, Span<int> ranks)
    {
        for (int at = 0; at < cases.Count; at++)
        {
            ranks[at] = ranker.RankOf(cases[at].Last, cases[at].Target, Seen(cases[at], filterSeen));
        }
    }

    public int List(in RankingCase asked, bool filterSeen, Span<int> top) =>
        ranker.Rank(asked.User, asked.Last, Seen(asked, filterSeen), top);

    public void Observe(int user, int previous, int item) => ranker.Observe(user, previous, item);

    internal static IReadOnlySet<int> Seen(in RankingCase asked, bool filterSeen)
    {
        if (!filterSeen)
        {
            return Nothing;
        }

        var seen = new HashSet<int>();
        foreach (int item in asked.History.Span)
        {
            seen.Add(item);
        }

        return seen;
    }
}
