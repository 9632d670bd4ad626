using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Candidates;

namespace StreamRec.Ranking;

/// <summary>What one thread needs to rank: a search, a re-ranking, and the list that came of them.</summary>
internal sealed class RankingWorkspace(TopN search, MaximalMarginalRelevance? diversity, int listSize)
{
    /// <summary>CandidateList of a re-ranking for each place of the list.</summary>
    private const int CandidatesPerPlace = 2;

    public TopN Search { get; } = search;

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
