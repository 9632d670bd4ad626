namespace StreamRec.Ranking.Variety;

/// <summary>
/// What a dial between 0 and 1 means: three weights that grow together, each in units of the span that the scores of
/// the candidates have, from the best to the last.
/// </summary>
/// <remarks>
/// The path was chosen on the validation targets of ml-1m: half of it is to cost 1 % of NDCG@10 there.
/// </remarks>
/// <param name="Likeness">Of the cosine with the nearest item chosen before.</param>
/// <param name="Balance">Of how much nearer an item brings the list's categories to the user's, in a list of ten:
/// of more places each brings less.</param>
/// <param name="Popularity">Of how common an item is, from 0 to 1.</param>
public readonly record struct DialPath(float Likeness, float Balance, float Popularity)
{
    private const float MostLikeness = 0.5f,
        MostBalance = 1.4f,
        MostPopularity = 0.8f;

    public static DialPath At(float dial) => new(dial * MostLikeness, dial * MostBalance, dial * MostPopularity);
}
