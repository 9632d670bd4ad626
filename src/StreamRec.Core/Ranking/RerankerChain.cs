namespace StreamRec.Ranking;

/// <summary>
/// Rerankers one after the other: each leaves as many candidates as the next one chooses from, and the last one the
/// list. Without any the search's order is the list's. One thread at a time.
/// </summary>
internal sealed class RerankerChain
{
    private readonly IReranker[] _links;

    // By link: how many it leaves at most.
    private readonly int[] _places;

    /// <param name="listSize">N, items in a list.</param>
    public RerankerChain(IReranker[] links, int listSize)
    {
        (_links, _places, Candidates) = (links, new int[links.Length], listSize);
        for (var link = links.Length - 1; link >= 0; link--)
        {
            _places[link] = Candidates;
            Candidates = links[link].CandidatesFor(Candidates);
        }
    }

    /// <summary>M, what the first one chooses from.</summary>
    public int Candidates { get; }

    /// <summary>The same links, which leave another number of items. Used in turn with this, never at once.</summary>
    public RerankerChain For(int listSize) => new(_links, listSize);

    /// <summary>Leaves the list at the beginning of the candidates, and returns its length.</summary>
    /// <param name="history">The user's items, oldest first.</param>
    /// <param name="items">Candidates, best first.</param>
    /// <param name="scores">As many.</param>
    public int Run(ReadOnlySpan<int> history, Span<int> items, Span<float> scores)
    {
        var count = items.Length;
        for (var link = 0; link < _links.Length; link++)
        {
            count = _links[link].Choose(history, items[..count], scores[..count], _places[link]);
        }
        return count;
    }
}
