namespace StreamRec.Training.ColdItems;

/// <summary>New and known items in one list.</summary>
/// <param name="Share">What was asked for; null: scores as the tower makes them.</param>
/// <param name="NewHitRate10">Of events on new items.</param>
/// <param name="KnownNdcg10">Of held-out events on known items.</param>
/// <param name="Slots">The share of the slots of these known cases' lists that new items have.</param>
public sealed record ColdShare(
    double? Share,
    float Gamma,
    float Beta,
    double NewHitRate10,
    double NewNdcg10,
    double KnownNdcg10,
    double Slots
);
