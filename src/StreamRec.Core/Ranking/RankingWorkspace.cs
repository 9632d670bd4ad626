using StreamRec.Numerics.Search;

namespace StreamRec.Ranking;

/// <summary>What one thread needs to rank: a search, a re-ranking, and the list that came of them.</summary>
/// <param name="layout">What it is rented of, and returned to.</param>
internal sealed class RankingWorkspace(ItemLayout layout, MaximalMarginalRelevance? diversity, int listSize)
{
    /// <summary>Candidates of a re-ranking for each place of the list.</summary>
    private const int CandidatesPerPlace = 2;

    public ItemLayout Layout => layout;

    public TopN Search { get; } = new(layout.Index);

    public int[] Items { get; } = new int[diversity is null ? listSize : CandidatesPerPlace * listSize];

    public float[] Scores { get; } = new float[diversity is null ? listSize : CandidatesPerPlace * listSize];

    /// <summary>Leaves a user's list in <see cref="Items"/> and <see cref="Scores"/>, and returns its length.</summary>
    /// <param name="user">The user's place in the search.</param>
    public int List(int user)
    {
        var count = Search.Write(user, Items, Scores);
        return diversity?.Choose(Items.AsSpan(0, count), Scores, listSize) ?? count;
    }
}
