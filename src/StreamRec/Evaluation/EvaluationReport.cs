using StreamRec.Ranking;

namespace StreamRec.Evaluation;

/// <summary>What an evaluation found, and by which rules.</summary>
internal sealed record EvaluationReport
{
    /// <summary>The model first, then the baselines.</summary>
    public required IReadOnlyList<RankerEvaluation> Rankers { get; init; }

    /// <summary>The places of the dial that were asked for.</summary>
    public IReadOnlyList<DialPoint> Dial { get; init; } = [];

    /// <summary>Lists without rules, and by those that were given; empty where none were.</summary>
    public IReadOnlyList<RuledPoint> Ruled { get; init; } = [];

    /// <summary>Of users who first occur after a cut in time; null where nothing is known of users.</summary>
    public NewUserReport? NewUsers { get; init; }

    public required CaseSummary Cases { get; init; }

    public required Leak Leak { get; init; }

    /// <summary>
    /// Of the users that the bundle was trained on, the share whose last event it did not learn from; null: not known.
    /// </summary>
    public double? HeldOut { get; init; }

    /// <summary>What lists may hold.</summary>
    public required Eligibility Eligible { get; init; }

    /// <summary>What encodes, as in the worker: <c>step</c> or <c>rerun</c>.</summary>
    public required string Way { get; init; }

    /// <summary>Cases of which the model knows no item: its list is the popular one.</summary>
    public required int Fallbacks { get; init; }

    /// <summary>What a reader of the figures must know, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
