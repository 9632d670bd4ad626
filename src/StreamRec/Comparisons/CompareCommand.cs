using System.CommandLine;
using StreamRec.Catalogue;
using StreamRec.Events;
using StreamRec.Input;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Terminal;
using StreamRec.Training.Baselines;
using StreamRec.Training.Data;

namespace StreamRec.Comparisons;

/// <summary>`streamrec compare`: events, and bundles if there are any → every kind of ranker side by side.</summary>
internal static class CompareCommand
{
    private const int MostKept = 10_000;

    public static Command Create()
    {
        var events = SharedOptions.Events();
        var split = new Option<string?>("--split")
        {
            Description =
                "What is held out and asked: leave-one-out (each user's last event; the default), time (the newest "
                + "20 %, as a stream) or session (the newest tenth of the sequences: every prefix and its next item).",
        };
        split.AcceptOnlyFromAmong(TrainingInput.LeaveOneOut, TrainingInput.Time, TrainingInput.Session);
        var prefixes = new Option<string?>("--prefixes")
        {
            Description =
                "In the place of --split: file of questions, item ids with spaces between, a tab, the next item; "
                + "all --events are trained on then.",
        };
        var model = new Option<string[]>("--model")
        {
            Description = "A bundle to stand beside the others; may be repeated. The first one is compared with.",
        };
        var kinds = new Option<string?>("--kinds")
        {
            Description = $"Kinds to compare, commas between: {Names()}. Default: all that can be had.",
        };
        var items = new Option<string?>("--items")
        {
            Description = "File of items, one JSON object a line with item_id and categories: for content.",
        };
        var filter = FilterSeen.Option("as the first bundle says, or as `train` would decide");
        var kept = new Option<int>("--kept")
        {
            Description = "K, events kept of a user, to 10000; 0 (default) for 2W−1 of the first bundle.",
        };
        var svg = new Option<string?>("--svg") { Description = "File to draw NDCG@10 with its intervals into." };
        var types = SharedOptions.Types("Default: those that the first bundle was trained on.");
        var json = SharedOptions.Json();
        var command = new Command("compare", "Put every kind of recommender side by side, on your events.")
        {
            events,
            split,
            prefixes,
            model,
            kinds,
            items,
            filter,
            kept,
            types,
            svg,
            json,
        };
        command.SetAction(
            (parsed, cancel) =>
                Task.Run(
                    () =>
                    {
                        var chosen = Kinds(parsed.GetValue(kinds));
                        RequireOne(parsed.GetValue(split), parsed.GetValue(prefixes));
                        RequireKept(parsed.GetValue(kept));
                        if (parsed.GetValue(svg) is { } place)
                        {
                            OutputPlace.CheckFile("--svg", place);
                        }
                        var models = (parsed.GetValue(model) ?? []).Select(path => (path, Bundle.Load(path))).ToArray();
                        var taken = parsed.GetValue(types) is { } given
                            ? TypeNames.Parse(given)
                            : (models.FirstOrDefault().Item2?.Manifest.Types ?? []).ToHashSet();
                        var file = new EventFile(parsed.GetRequiredValue(events));
                        var data = SequenceData.From(file.Events(), taken, cancel);
                        var line = new ProgressLine(TimeProvider.System);
                        var comparison = new RankerComparison(data, models, line, TimeProvider.System, cancel)
                        {
                            Kinds = chosen ?? RankerKinds.All,
                            Asked = chosen is not null,
                            FilterSeen = FilterSeen.Of(parsed, filter),
                            Kept = parsed.GetValue(kept),
                            Categories = parsed.GetValue(items) is { } itemFile
                                ? ItemFactsFile.Read(itemFile, data.ItemIds, cancel).RequiredCategories(data.ItemIds)
                                : null,
                        };
                        ComparisonReport report;
                        try
                        {
                            report = parsed.GetValue(prefixes) is { } path
                                ? comparison.Prefixes(path)
                                : comparison.OnSplit(parsed.GetValue(split) ?? TrainingInput.LeaveOneOut);
                        }
                        finally
                        {
                            line.Erase();
                        }
                        foreach (var note in report.Notes)
                        {
                            Console.Error.WriteLine($"Note: {note}.");
                        }
                        if (parsed.GetValue(svg) is { } picture)
                        {
                            File.WriteAllText(picture, ComparisonSvg.Of(report));
                        }
                        string[] judged = [.. taken.Order(StringComparer.Ordinal)];
                        if (parsed.GetValue(json))
                        {
                            Console.WriteLine(ComparisonJson.Of(report, judged).ToJsonString());
                        }
                        else
                        {
                            ComparisonText.Write(report, judged);
                        }
                        return 0;
                    },
                    cancel
                )
        );
        return command;
    }

    private static string Names() => string.Join(", ", RankerKinds.All.Select(kind => kind.Name));

    private static RankerKind[]? Kinds(string? given) =>
        given
            ?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Distinct()
            .Select(name =>
                RankerKinds.All.FirstOrDefault(kind => kind.Name == name)
                ?? throw new StreamRecException($"--kinds: '{name}' is none of {Names()}.", FaultKind.Usage)
            )
            .ToArray();

    private static void RequireOne(string? split, string? prefixes)
    {
        if (split is not null && prefixes is not null)
        {
            throw new StreamRecException(
                "Give either --split or --prefixes: with --prefixes nothing is held out.",
                FaultKind.Usage
            );
        }
    }

    private static void RequireKept(int kept)
    {
        if (kept is < 0 or > MostKept)
        {
            throw new StreamRecException($"--kept is {kept}; give 0 to {MostKept}.", FaultKind.Usage);
        }
    }
}
