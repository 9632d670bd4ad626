using StreamRec.Reranking;

namespace StreamRec.Ranking;

/// <summary>A bundle's network as a link: it chooses nothing, and orders the best M.</summary>
internal sealed class NetworkLink(NetworkReranker network) : IReranker
{
    public int CandidatesFor(int places) => Math.Max(places, network.Candidates);

    public int Choose(ReadOnlySpan<int> history, Span<int> items, Span<float> scores, int places)
    {
        network.Rerank(history, items, scores);
        return Math.Min(places, items.Length);
    }
}
