namespace StreamRec.Training.ColdItems;

/// <summary>How one way ranks new items among new items.</summary>
/// <param name="Available">Whether it could be had while they are new.</param>
/// <param name="Interval">Of NDCG@10, 95 %; null: none is known.</param>
public sealed record ColdRanker(
    string Name,
    double HitRate10,
    double Ndcg10,
    double[]? Interval,
    bool Available = true
);
