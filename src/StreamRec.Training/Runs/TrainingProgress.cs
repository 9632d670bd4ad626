using StreamRec.Training.Options;

namespace StreamRec.Training.Runs;

/// <summary>
/// How training stands after an epoch. Figures are of the validation users; NaN where there are none.
/// </summary>
/// <param name="Epoch">1-based.</param>
/// <param name="Epochs">How many there will be at most; the last may be a part.</param>
/// <param name="Loss">Mean cross entropy a position in this epoch, in nats.</param>
/// <param name="Elapsed">Since training began, validation included.</param>
/// <param name="PositionsPerSecond">Of the training steps alone.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Epochs,
    double Loss,
    double HitRate10,
    double Ndcg10,
    TimeSpan Elapsed,
    double PositionsPerSecond
);

/// <summary>HR@10 and NDCG@10 of one ranker on the validation users.</summary>
public readonly record struct Quality(double HitRate10, double Ndcg10)
{
    /// <summary>Whether there was anybody to measure on.</summary>
    public bool IsMeasured => !double.IsNaN(Ndcg10);
}

/// <summary>What training measured: on validation users, all by the same protocol.</summary>
public sealed record TrainingReport
{
    /// <summary>The name of <see cref="HeldOut"/> in a manifest.</summary>
    public const string HeldOutName = "validation.held_out";

    public required Quality Model { get; init; }
    public required Quality Popularity { get; init; }
    public required Quality Markov { get; init; }

    /// <summary>
    /// Of the users with three events and more, the share whose last one validation held out; NaN where there are none.
    /// </summary>
    public required double HeldOut { get; init; }

    public required int BestEpoch { get; init; }

    /// <summary>Steps taken; fewer than planned when training stopped early.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps planned: as <see cref="ModelOptions.Steps"/> it repeats the run.</summary>
    public required int PlannedSteps { get; init; }
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The figures by the names they have in a manifest.</summary>
    public IReadOnlyDictionary<string, double> ByName() =>
        new Dictionary<string, double>
        {
            [HeldOutName] = HeldOut,
            ["validation.hr@10"] = Model.HitRate10,
            ["validation.ndcg@10"] = Model.Ndcg10,
            ["validation.popularity.hr@10"] = Popularity.HitRate10,
            ["validation.popularity.ndcg@10"] = Popularity.Ndcg10,
            ["validation.markov.hr@10"] = Markov.HitRate10,
            ["validation.markov.ndcg@10"] = Markov.Ndcg10,
        };
}
