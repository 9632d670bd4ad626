using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking.Caps;

namespace StreamRec.Ranking;

/// <summary>What one thread needs to rank: a search, what re-ranks its candidates, and what caps them.</summary>
/// <param name="layout">What it is rented of, and returned to.</param>
/// <param name="rerankers">Leave as many as <paramref name="caps"/> begin with.</param>
/// <param name="caps">Null: a list is what the chain leaves.</param>
/// <param name="listSize">N.</param>
/// <param name="path">As of <see cref="TopN"/>.</param>
internal sealed class RankingWorkspace(
    ItemLayout layout,
    RerankerChain rerankers,
    CapWalk? caps,
    int listSize,
    InstructionSet? path = null
)
{
    /// <summary>Instead of a length: see <see cref="ListWidely"/>.</summary>
    public const int TooFew = -1;

    private int[] _room = [];

    // Of a search for more candidates than a batch has room for.
    private int[] _items = [];
    private float[] _scores = [];

    /// <summary>Room for what a user's list leaves out, for whoever has rented the workspace.</summary>
    public ref int[] Room => ref _room;

    public ItemLayout Layout => layout;

    public TopN Search { get; } = new(layout.Index, path);

    /// <summary>Finds a batch's candidates.</summary>
    public void Find(SearchBatch batch) => batch.Search(rerankers.Candidates);

    /// <summary>Writes a user's list, and returns its length.</summary>
    /// <param name="user">The user's place in the batch.</param>
    /// <param name="history">The user's items, oldest first, 0 for those that the model does not know.</param>
    /// <param name="groups">What caps count among.</param>
    /// <param name="items">Receives item indices, best first; has room for all candidates.</param>
    /// <param name="scores">As much room.</param>
    /// <returns><see cref="TooFew"/> where caps make the list hang on more candidates than were searched for.</returns>
    public int List(
        SearchBatch batch,
        int user,
        ReadOnlySpan<int> history,
        ItemGroups groups,
        Span<int> items,
        Span<float> scores
    )
    {
        var found = batch.Write(user, items, scores);
        return Choose(rerankers, found, history, groups, items, scores);
    }

    /// <summary>As <see cref="List"/>, of one user, and from as many candidates as it takes: up to all.</summary>
    /// <param name="vector">The user's.</param>
    /// <param name="excluded">As of <see cref="SearchBatch.Add"/>.</param>
    /// <param name="eligible">As of <see cref="TopN.Begin"/>; so is <paramref name="added"/>.</param>
    public int ListWidely(
        ReadOnlySpan<float> vector,
        ReadOnlySpan<int> excluded,
        EligiblePositions? eligible,
        AddedItems.Listed? added,
        ReadOnlySpan<int> history,
        ItemGroups groups,
        Span<int> items,
        Span<float> scores
    )
    {
        // With one more place than there are items, all are there.
        var most = layout.Index.Count + (added?.Items.Count ?? 0) + 1;
        for (var places = Math.Min(2 * rerankers.Candidates, most); ; places = Math.Min(2 * places, most))
        {
            var wider = rerankers.For(places);
            if (_items.Length < wider.Candidates)
            {
                (_items, _scores) = (new int[wider.Candidates], new float[wider.Candidates]);
            }
            var wideItems = _items.AsSpan(0, wider.Candidates);
            var wideScores = _scores.AsSpan(0, wider.Candidates);
            var found = Search.Search(vector, excluded, wideItems, wideScores, eligible, added);
            if (Choose(wider, found, history, groups, wideItems, wideScores) is >= 0 and var count)
            {
                wideItems[..count].CopyTo(items);
                wideScores[..count].CopyTo(scores);
                return count;
            }
        }
    }

    private int Choose(
        RerankerChain chain,
        int found,
        ReadOnlySpan<int> history,
        ItemGroups groups,
        Span<int> items,
        Span<float> scores
    )
    {
        var count = chain.Run(history, items[..found], scores[..found]);
        if (caps is null)
        {
            return count;
        }
        var all = found < chain.Candidates && count == found;
        return caps.TryChoose(groups, items[..count], scores[..count], listSize, all)
            ? Math.Min(count, listSize)
            : TooFew;
    }
}
