namespace StreamRec.Evaluation;

/// <summary>What one ranker reached. Figures by name are in 0..1 unless stated.</summary>
public sealed class RankerEvaluation
{
    public required string Ranker { get; init; }

    /// <summary>Of every case.</summary>
    public required RankingMetrics Metrics { get; init; }

    /// <summary>
    /// Of the lists of at most <see cref="Evaluator.MostLists"/> cases, evenly chosen; null where no list held an item.
    /// </summary>
    public required ListFigures? Lists { get; init; }

    /// <summary>
    /// Metrics of parts of the cases: by the length of the history, by how common the target is in the training data,
    /// and by whether the user has an event there.
    /// </summary>
    public required IReadOnlyDictionary<string, RankingMetrics> Slices { get; init; }
}

/// <summary>Figures of whole lists of 10.</summary>
/// <param name="Lists">How many lists were looked at.</param>
/// <param name="Coverage">
/// The share of the items that some ranker was trained on that stand in at least one of them.
/// </param>
/// <param name="PopularityBias">
/// Mean training count of the listed items over that of the targets: 1 is as common as what users took. Null where the
/// targets have no counts.
/// </param>
/// <param name="Similarity">
/// Mean cosine of the item vectors of two items in a list, −1..1. Null where no list held two with a vector.
/// </param>
public sealed record ListFigures(int Lists, double Coverage, double? PopularityBias, double? Similarity);
