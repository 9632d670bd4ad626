namespace StreamRec.Ranking.Variety;

/// <summary>
/// What a dial between 0 and 1 means: three weights that grow together, each in units of the span that the scores of the
/// candidates have, from the best to the last.
/// </summary>
/// <param name="Likeness">Of the cosine with the nearest item chosen before.</param>
/// <param name="Balance">Of how much nearer an item brings the list's categories to the user's.</param>
/// <param name="Popularity">Of how common an item is, from 0 to 1.</param>
internal readonly record struct DialPath(float Likeness, float Balance, float Popularity)
{
    private const float MostLikeness = 0.4f,
        MostBalance = 0.8f,
        MostPopularity = 0.4f;

    public static DialPath At(float dial) => new(dial * MostLikeness, dial * MostBalance, dial * MostPopularity);
}
