using StreamRec.Evaluation;
using StreamRec.Models;
using StreamRec.Ranking;

namespace StreamRec.Comparisons;

/// <summary>What a comparison found, and by which rules.</summary>
internal sealed record ComparisonReport
{
    /// <summary>The models first, as they were given, then the kinds.</summary>
    public required IReadOnlyList<ComparedRanker> Rankers { get; init; }

    /// <summary>Whom the others are compared with: the first model, else the best by NDCG@10.</summary>
    public required ComparedRanker Reference { get; init; }

    public required IReadOnlyList<ComparedModel> Models { get; init; }

    /// <summary>Kinds that could not be had, and why.</summary>
    public required IReadOnlyList<(string Name, string Why)> LeftOut { get; init; }

    /// <summary>What was held out; null: questions came from a file.</summary>
    public required string? Split { get; init; }

    public required CaseSummary Cases { get; init; }

    /// <summary>Events of the training part that settings were chosen by.</summary>
    public required int ChosenBy { get; init; }

    public required Eligibility Eligible { get; init; }

    /// <summary>What a reader of the figures must know, a sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>One row.</summary>
/// <param name="Settings">What was chosen, for people; empty: there was nothing to choose.</param>
/// <param name="Chosen">NDCG@10 of the choice on held-out events of the training part; null: none was made.</param>
/// <param name="Fit">Time to choose and to fit.</param>
/// <param name="Rank">Time to answer all cases.</param>
internal sealed record ComparedRanker(
    string Name,
    string Settings,
    double? Chosen,
    RankerEvaluation Result,
    TimeSpan Fit,
    TimeSpan Rank
);

/// <summary>A bundle, and what it was trained on.</summary>
/// <param name="Leak">Whether it was trained on what is asked.</param>
internal sealed record ComparedModel(string Name, string Path, BundleManifest Manifest, Leak Leak)
{
    /// <summary>Of its users, the share whose last event it did not learn from; null: not known.</summary>
    public double? HeldOut => EvaluationNotes.HeldOut(Manifest);
}
