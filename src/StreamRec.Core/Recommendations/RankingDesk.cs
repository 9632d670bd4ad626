using StreamRec.Ranking;

namespace StreamRec.Recommendations;

/// <summary>What one thread needs to rank: a search and the list that it found.</summary>
internal sealed class RankingDesk(TopN search, int listSize)
{
    public TopN Search { get; } = search;

    public int[] Items { get; } = new int[listSize];

    public float[] Scores { get; } = new float[listSize];
}
