using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using StreamRec.Bundles;
using StreamRec.Evaluation;
using StreamRec.Training.Data;

namespace StreamRec.Commands;

/// <summary>`streamrec evaluate`: a bundle and held-out events → figures, beside baselines.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var bundle = new Option<string>("--bundle") { Description = "The bundle to judge.", Required = true };
        var events = new Option<string?>("--events")
        {
            Description = "All events, one JSON object a line; with --prefixes, what the baselines are trained on.",
        };
        var split = new Option<string?>("--split")
        {
            Description = "What was held out by `train --split`: leave-one-out (each user's last event), time (the newest 20 %, as a stream) "
                + "or session (the newest tenth of the sequences: every prefix and its next item).",
        };
        split.AcceptOnlyFromAmong(TrainingData.LeaveOneOut, TrainingData.Time, TrainingData.Session);
        var prefixes = new Option<string?>("--prefixes") { Description = "File of questions: item ids with spaces between, a tab, the next item." };
        var filter = new Option<bool>("--filter-seen") { Description = "Leave a user's own items out of the rankings." };
        var json = SharedOptions.Json();
        var command = new Command("evaluate", "Judge a bundle through the serving path, beside baselines.")
        {
            bundle, events, split, prefixes, filter, json,
        };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            var results = Stoppable.Run(
                () => Judge(
                    Bundle.Load(parsed.GetRequiredValue(bundle)), parsed.GetValue(events), parsed.GetValue(split),
                        parsed.GetValue(prefixes),
                    parsed.GetValue(filter)),
                cancel);
            Print(results, parsed.GetValue(json));
            return (int)ExitCode.Success;
        }));
        return command;
    }

    private static IReadOnlyList<RankerEvaluation> Judge(Bundle bundle, string? events, string? split, string? prefixes, bool filter)
    {
        if ((prefixes is null) == (split is null) || (split is not null && events is null))
        {
            throw new StreamRecException("Give either --events with --split leave-one-out, time or session, or --prefixes.", ExitCode.Usage);
        }

        var data = events is null ? null : SequenceData.From(new EventFile(events).Events());
        return (prefixes, split) switch
        {
            (not null, _) => BundleEvaluation.Prefixes(bundle, PrefixFile.Read(prefixes, bundle), data, filter),
            (_, TrainingData.Time) => BundleEvaluation.ByTime(bundle, data!, filter),
            (_, TrainingData.Session) => BundleEvaluation.BySession(bundle, data!, filter),
            _ => BundleEvaluation.LeaveOneOut(bundle, data!, filter),
        };
    }

    private static void Print(IReadOnlyList<RankerEvaluation> results, bool json)
    {
        if (json)
        {
            Console.WriteLine(new JsonObject(results.Select(result => KeyValuePair.Create<string, JsonNode?>(result.Ranker, Json(result)))).ToJsonString());
            return;
        }

        string[] names = [.. results[0].Metrics.ByName().Keys];
        var table = new Table().AddColumn($"{results[0].Metrics.Count} cases").AddColumns(names).AddColumns("coverage", "pop. bias", "similarity");
        foreach (var result in results)
        {
            var lists = result.Lists;
            table.AddRow([
                result.Ranker, .. result.Metrics.ByName().Values.Select(value => $"{value:F4}"),
                $"{lists?.Coverage:F3}", $"{lists?.PopularityBias:F2}", $"{lists?.Similarity:F3}"]);
        }

        AnsiConsole.Write(table);
        var parts = new Table().AddColumns("slice of the model's cases", "cases", "hr@10", "ndcg@10");
        foreach (var (slice, metrics) in results[0].Slices.OrderBy(slice => slice.Key, StringComparer.Ordinal))
        {
            parts.AddRow(slice, $"{metrics.Count}", $"{metrics.HitRate(10):F4}", $"{metrics.Ndcg(10):F4}");
        }

        AnsiConsole.Write(parts);
    }

    private static JsonObject Json(RankerEvaluation result)
    {
        var json = new JsonObject();
        foreach (var (name, value) in result.Metrics.ByName())
        {
            json[name] = value;
        }

        json["cases"] = result.Metrics.Count;
        json["ci95"] = new JsonObject(result.Metrics.Intervals().Select(interval =>
            KeyValuePair.Create<string, JsonNode?>(interval.Key, new JsonArray(interval.Value[0], interval.Value[1]))));
        if (result.Lists is { } lists)
        {
            json["lists"] = lists.Lists;
            json["coverage@10"] = lists.Coverage;
            json["popularity_bias@10"] = lists.PopularityBias;
            json["intra_list_similarity@10"] = lists.Similarity;
        }

        json["slices"] = new JsonObject(result.Slices.OrderBy(slice => slice.Key, StringComparer.Ordinal).Select(slice =>
            KeyValuePair.Create<string, JsonNode?>(slice.Key, new JsonObject
            {
                ["cases"] = slice.Value.Count, ["hr@10"] = slice.Value.HitRate(10), ["ndcg@10"] = slice.Value.Ndcg(10),
            })));
        return json;
    }
}
