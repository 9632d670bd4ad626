using System.Text.Json.Nodes;
using StreamRec.Evaluation;

namespace StreamRec.Comparisons;

/// <summary>A comparison for machines. A figure without cases is null.</summary>
internal static class ComparisonJson
{
    public static JsonObject Of(ComparisonReport report, IReadOnlyList<string> types) =>
        new()
        {
            ["reference"] = report.Reference.Name,
            ["rankers"] = new JsonArray([.. report.Rankers.Select(ranker => Of(ranker, report.Reference))]),
            ["left_out"] = new JsonArray([
                .. report.LeftOut.Select(one => new JsonObject { ["name"] = one.Name, ["why"] = one.Why }),
            ]),
            ["models"] = new JsonArray([.. report.Models.Select(Of)]),
            ["protocol"] = new JsonObject
            {
                ["split"] = report.Split,
                ["cases"] = report.Cases.Cases,
                ["users"] = report.Cases.Users,
                ["new_user_cases"] = report.Cases.NewUsers,
                ["excluded_targets"] = report.Cases.ExcludedTargets,
                ["unknown_targets"] = report.Cases.UnknownTargets,
                ["exclude_seen"] = report.Eligible.ExcludeSeen.Excludes,
                ["seen_events"] = report.Eligible.ExcludeSeen.Excludes ? report.Eligible.Seen : 0,
                ["kept"] = report.Eligible.Kept,
                ["types"] = new JsonArray([.. types.Select(type => JsonValue.Create(type))]),
                ["chosen_by"] = report.ChosenBy,
            },
            ["notes"] = new JsonArray([.. report.Notes.Select(note => JsonValue.Create(note))]),
        };

    private static JsonObject Of(ComparedRanker ranker, ComparedRanker reference)
    {
        var json = new JsonObject
        {
            ["name"] = ranker.Name,
            ["settings"] = ranker.Settings,
            ["chosen_ndcg@10"] = ranker.Chosen is { } chosen ? EvaluationJson.Number(chosen) : null,
            ["fit_seconds"] = Math.Round(ranker.Fit.TotalSeconds, 3),
            ["rank_seconds"] = Math.Round(ranker.Rank.TotalSeconds, 3),
        };
        EvaluationJson.Add(json, ranker.Result);
        if (ranker != reference)
        {
            json["above_reference_ci95"] = EvaluationJson.Intervals(
                ranker.Result.Metrics.IntervalsAbove(reference.Result.Metrics)
            );
        }
        return json;
    }

    private static JsonObject Of(ComparedModel model) =>
        new()
        {
            ["name"] = model.Name,
            ["bundle"] = model.Path,
            ["model_id"] = model.Manifest.ModelId,
            ["items"] = model.Manifest.Items,
            ["trained_from_ms"] = model.Manifest.TrainedFromMs,
            ["trained_to_ms"] = model.Manifest.TrainedToMs,
            ["leak"] = EvaluationJson.Of(model.Leak),
            ["held_out"] = model.HeldOut,
        };
}
