using System.Text.Json.Nodes;

namespace StreamRec.Evaluation;

/// <summary>
/// A report for machines: an object for each ranker by its name, then what was asked and by which rules. A figure
/// without cases is null.
/// </summary>
internal static class EvaluationJson
{
    public static JsonObject Of(EvaluationReport report, IReadOnlyList<string> types)
    {
        var json = new JsonObject();
        foreach (var result in report.Rankers)
        {
            json[result.Ranker] = Of(result, report.Rankers[0]);
        }
        if (report.Dial.Count > 0)
        {
            json["model+dial"] = new JsonArray([.. report.Dial.Select(point => Of(point, report.Dial[0]))]);
        }
        if (report.Ruled is [var bare, var ruled])
        {
            json["model+rules"] = new JsonObject
            {
                ["rules"] = ruled.Rules,
                ["without"] = Of(bare, bare),
                ["with"] = Of(ruled, bare),
            };
        }
        if (report.NewUsers is { } news)
        {
            json["new_users"] = Of(news);
        }
        json["leak"] = Of(report.Leak);
        json["held_out"] = report.HeldOut;
        json["protocol"] = new JsonObject
        {
            ["cases"] = report.Cases.Cases,
            ["users"] = report.Cases.Users,
            ["new_user_cases"] = report.Cases.NewUsers,
            ["excluded_targets"] = report.Cases.ExcludedTargets,
            ["unknown_targets"] = report.Cases.UnknownTargets,
            ["fallback_cases"] = report.Fallbacks,
            ["exclude_seen"] = report.Eligible.ExcludeSeen.Excludes,
            ["seen_events"] = report.Eligible.ExcludeSeen.Excludes ? report.Eligible.Seen : 0,
            ["kept"] = report.Eligible.Kept,
            ["types"] = new JsonArray([.. types.Select(type => JsonValue.Create(type))]),
            ["encoded_by"] = report.Way,
        };
        json["notes"] = new JsonArray([.. report.Notes.Select(note => JsonValue.Create(note))]);
        return json;
    }

    public static JsonObject Of(Leak leak) =>
        new()
        {
            ["verdict"] = leak.Verdict,
            ["checked"] = leak.Checked,
            ["trained_on"] = leak.TrainedOn,
            ["why"] = leak.Why,
        };

    /// <summary>A ranker's own figures, with their intervals.</summary>
    public static void Add(JsonObject json, RankerEvaluation result)
    {
        foreach ((var name, var value) in result.Metrics.ByName())
        {
            json[name] = Number(value);
        }
        json["cases"] = result.Metrics.Count;
        json["users"] = result.Metrics.Users;
        json["ci95"] = Intervals(result.Metrics.Intervals());
        if (result.Lists is { } lists)
        {
            json["lists"] = lists.Lists;
            json["coverage@10"] = lists.Coverage;
            json["popularity_bias@10"] = lists.PopularityBias;
            json["intra_list_similarity@10"] = lists.Similarity;
        }
    }

    public static JsonObject Intervals(IReadOnlyDictionary<string, double[]?> intervals) =>
        new(
            intervals.Select(interval =>
                KeyValuePair.Create<string, JsonNode?>(
                    interval.Key,
                    interval.Value is [var low, var high] ? new JsonArray(low, high) : null
                )
            )
        );

    public static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonObject Of(RankerEvaluation result, RankerEvaluation model)
    {
        var json = new JsonObject();
        Add(json, result);
        if (result != model)
        {
            json["model_above_ci95"] = Intervals(model.Metrics.IntervalsAbove(result.Metrics));
        }
        json["slices"] = new JsonObject(
            result
                .Slices.OrderBy(slice => slice.Key, StringComparer.Ordinal)
                .Select(slice =>
                    KeyValuePair.Create<string, JsonNode?>(
                        slice.Key,
                        new JsonObject
                        {
                            ["cases"] = slice.Value.Count,
                            ["hr@10"] = Number(slice.Value.HitRate(10)),
                            ["ndcg@10"] = Number(slice.Value.Ndcg(10)),
                        }
                    )
                )
        );
        return json;
    }

    private static JsonObject Of(NewUserReport news) =>
        new()
        {
            ["users"] = news.Users,
            ["popular_half_life_ms"] = news.HalfLife is { } half ? (long)half.TotalMilliseconds : null,
            ["chosen"] = news.Chosen,
            ["validation"] = new JsonObject(
                news.Validated.Select(kind =>
                    KeyValuePair.Create<string, JsonNode?>(
                        kind.Kind,
                        new JsonObject { ["gain"] = Number(kind.Gain), ["gain_at_least"] = Number(kind.GainAtLeast) }
                    )
                )
            ),
            ["first_list"] = Of(news.FirstLists, NewUserReport.FirstEvents),
            ["by_events_so_far"] = Of(news.Curve, NewUserReport.EventsSoFar),
        };

    private static JsonObject Of(IReadOnlyList<NewUserRow> rows, IReadOnlyList<int> columns) =>
        new(
            rows.Select(row =>
                KeyValuePair.Create<string, JsonNode?>(
                    row.Name,
                    new JsonObject(
                        row.Figures.Select(
                            (figure, at) =>
                                KeyValuePair.Create<string, JsonNode?>(
                                    $"{columns[at]}",
                                    new JsonObject
                                    {
                                        ["ndcg@10"] = Number(figure.Mean),
                                        ["se"] = Number(figure.StandardError),
                                        ["cases"] = figure.Cases,
                                    }
                                )
                        )
                    )
                )
            )
        );

    private static JsonObject Of(DialPoint point, DialPoint first)
    {
        var json = Of(point.Metrics, first.Metrics, point.Lists);
        // As it was written, not as a double has it.
        json["dial"] = (double)(decimal)point.Dial;
        return json;
    }

    private static JsonObject Of(RuledPoint point, RuledPoint bare) => Of(point.Metrics, bare.Metrics, point.Lists);

    private static JsonObject Of(RankingMetrics metrics, RankingMetrics first, VarietyFigures? lists) =>
        new()
        {
            ["cases"] = metrics.Count,
            ["hr@10"] = Number(metrics.HitRate(10)),
            ["ndcg@10"] = Number(metrics.Ndcg(10)),
            ["above_first_ci95"] = metrics.IntervalsAbove(first)["ndcg@10"] is [var low, var high]
                ? new JsonArray(low, high)
                : null,
            ["ild@10"] = lists?.Distance,
            ["coverage@10"] = lists?.Coverage,
            ["gini@10"] = lists?.Gini,
            ["novelty@10"] = lists?.Novelty,
            ["kl@10"] = lists?.Divergence,
        };
}
