using StreamRec.Models;
using StreamRec.Training.Data;

namespace StreamRec.Evaluation;

/// <summary>Whether a bundle was trained on what it is asked.</summary>
/// <param name="Verdict">
/// <see cref="LeakCheck.Yes"/>, <see cref="LeakCheck.No"/> or <see cref="LeakCheck.Unknown"/>.
/// </param>
/// <param name="Checked">Targets of which the bundle tells whether it was trained on them.</param>
/// <param name="TrainedOn">Those of them that it was trained on.</param>
/// <param name="Why">The reason, as a sentence.</param>
internal sealed record Leak(string Verdict, int Checked, int TrainedOn, string Why);

/// <summary>Compares what is asked with what the bundle says it was trained on.</summary>
internal static class LeakCheck
{
    public const string Yes = "yes",
        No = "no",
        Unknown = "unknown";

    /// <summary>
    /// Targets that only look as if they had been trained on, one in so many: two events with the same short hash.
    /// </summary>
    private const int ByChance = 1000;

    public static Leak Questions { get; } =
        new(
            Unknown,
            0,
            0,
            "questions name no user and no time, so they cannot be compared with what the bundle was trained on"
        );

    /// <param name="data">The events, with times.</param>
    /// <param name="cases">What is asked of them.</param>
    public static Leak Of(Bundle bundle, SequenceData data, IReadOnlyList<RankingCase> cases)
    {
        if (bundle.Manifest.TrainedToMs is { } to && cases.All(asked => TimeOf(data, asked) > to))
        {
            return new(No, 0, 0, "every target is later than the last event that the bundle was trained on");
        }
        if (bundle.Trained is not { } trained)
        {
            return new(
                Unknown,
                0,
                0,
                $"the bundle has no {BundleFiles.Trained}, so it does not tell which events it was trained on"
            );
        }
        int found = 0,
            of = 0;
        foreach (var asked in cases.Where(asked => !HappenedBefore(data, asked)))
        {
            var held = trained.Holds(data.UserIds[asked.User], data.ItemIds[asked.Target], TimeOf(data, asked));
            of += held is null ? 0 : 1;
            found += held == true ? 1 : 0;
        }
        var counted = $"{found} of the {of} targets that the bundle tells of";
        return of == 0
                ? new(
                    Unknown,
                    0,
                    0,
                    $"none of the {cases.Count} targets is in the sample of events that the bundle tells of"
                )
            : found > of / ByChance ? new(Yes, of, found, $"{counted} are events that it was trained on")
            : new(No, of, found, $"{counted} are events that it was trained on");
    }

    private static long TimeOf(SequenceData data, RankingCase asked) =>
        data.Times[asked.User].Span[asked.History.Length];

    /// <summary>
    /// Whether the same user has the same item at the same time in the history: then the two cannot be told apart.
    /// </summary>
    private static bool HappenedBefore(SequenceData data, RankingCase asked)
    {
        var times = data.Times[asked.User].Span;
        var history = asked.History.Span;
        for (var at = history.Length - 1; at >= 0 && times[at] == times[history.Length]; at--)
        {
            if (history[at] == asked.Target)
            {
                return true;
            }
        }
        return false;
    }
}
