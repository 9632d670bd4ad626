using StreamRec.Numerics.Search;

namespace StreamRec.Ranking;

/// <summary>What one thread needs to rank: a search, and what re-ranks its candidates.</summary>
/// <param name="layout">What it is rented of, and returned to.</param>
internal sealed class RankingWorkspace(ItemLayout layout, RerankerChain rerankers)
{
    public ItemLayout Layout => layout;

    public TopN Search { get; } = new(layout.Index);

    /// <summary>Finds a batch's candidates.</summary>
    public void Find(SearchBatch batch) => batch.Search(rerankers.Candidates);

    /// <summary>Writes a user's list, and returns its length.</summary>
    /// <param name="user">The user's place in the batch.</param>
    /// <param name="history">The user's items, oldest first, 0 for those that the model does not know.</param>
    /// <param name="items">Receives item indices, best first; has room for all candidates.</param>
    /// <param name="scores">As much room.</param>
    public int List(SearchBatch batch, int user, ReadOnlySpan<int> history, Span<int> items, Span<float> scores)
    {
        var count = batch.Write(user, items, scores);
        return rerankers.Run(history, items[..count], scores[..count]);
    }
}
