namespace StreamRec.Evaluation;

/// <summary>How varied lists are. Null: it cannot be told.</summary>
/// <param name="Distance">ILD: 1 less the mean cosine of the vectors of two items of a list.</param>
/// <param name="Coverage">The share of all items that stand in some list.</param>
/// <param name="Gini">How unevenly items are listed: 0 all alike, 1 one alone.</param>
/// <param name="Novelty">Mean −log₂ of the listed items' shares of the training events, in bits.</param>
/// <param name="Divergence">
/// KL: Steck's divergence of a list's categories from those of the user's history, in nats, α = .01; the mean over users
/// of whose history a category is known.
/// </param>
public sealed record VarietyFigures(
    double? Distance,
    double Coverage,
    double Gini,
    double? Novelty,
    double? Divergence
);
