using StreamRec.Evaluation;

namespace StreamRec.Training.Baselines;

/// <summary>A way to rank, and what can be chosen of it.</summary>
/// <param name="Name">The key in results.</param>
/// <param name="Variants">Its settings for a training part, the usual first; fitted when they are asked for.</param>
public sealed record RankerKind(string Name, Func<TrainingPart, IReadOnlyList<RankerVariant>> Variants)
{
    /// <summary>Whether it learns from a stream.</summary>
    public bool Learns { get; init; }

    /// <summary>Why it cannot be had of a training part, as a clause; null: it can.</summary>
    public Func<TrainingPart, string?> Missing { get; init; } = _ => null;
}

/// <param name="Settings">For people.</param>
/// <param name="Fit">Makes the ranker. What variants of one part share is made once.</param>
public sealed record RankerVariant(string Settings, Func<ICaseRanker> Fit);
