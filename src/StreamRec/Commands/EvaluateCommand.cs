using System.CommandLine;
using StreamRec.Catalogue;
using StreamRec.ColdItems;
using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Input;
using StreamRec.Models;
using StreamRec.Options;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Terminal;
using StreamRec.Training.Data;

namespace StreamRec.Commands;

/// <summary>`streamrec evaluate`: a bundle and held-out events → figures, beside baselines.</summary>
internal static class EvaluateCommand
{
    private const int MostKept = 10_000;

    public static Command Create()
    {
        var bundle = new Option<string?>("--bundle")
        {
            Description = "The bundle to judge. None with --split cold-items, which trains a model of its own.",
        };
        var events = new Option<string?>("--events")
        {
            Description = "All events, one JSON object a line; with --prefixes, what the baselines are trained on.",
        };
        var split = new Option<string?>("--split")
        {
            Description =
                "What was held out by `train --split`: leave-one-out (each user's last event), "
                + "time (the newest 20 %, as a stream) or session (the newest tenth of the sequences: "
                + "every prefix and its next item). cold-items: trains without a tenth of the items, and asks how "
                + "well they are found by their features.",
        };
        split.AcceptOnlyFromAmong(
            TrainingInput.LeaveOneOut,
            TrainingInput.Time,
            TrainingInput.Session,
            ColdItemsRun.Split
        );
        var prefixes = new Option<string?>("--prefixes")
        {
            Description = "File of questions: item ids with spaces between, a tab, the next item.",
        };
        var filter = FilterSeen.Option("as the bundle says");
        var kept = new Option<int>("--kept")
        {
            Description = "K, as in `work`: events kept of a user, to 10000; 0 (default) for 2W−1 of the bundle.",
        };
        var dial = new Option<string?>("--dial")
        {
            Description =
                "Also judge lists of 10 that `work --dial` varies, at these places of the dial: "
                + "such as 0,.25,.5,.75,1.",
        };
        var svg = new Option<string?>("--svg") { Description = "With --dial: file to draw its figures into." };
        var items = new Option<string?>("--items")
        {
            Description =
                "With --dial: items with categories, as in `train`, in the place of the bundle's own. "
                + "With the rules of lists: the catalogue that they go by. With --split cold-items: the features.",
        };
        var standard = new WorkOptions();
        var (allowed, denied, ranges, cap) = (
            SharedOptions.Of(nameof(WorkOptions.AllowedCategories), standard),
            SharedOptions.Of(nameof(WorkOptions.DeniedCategories), standard),
            SharedOptions.Of(nameof(WorkOptions.AttributeRanges), standard),
            SharedOptions.Of(nameof(WorkOptions.Cap), standard)
        );
        var cold = new ColdItemsOptions();
        var types = SharedOptions.Types("Default: those that the bundle was trained on; all with cold-items.");
        var json = SharedOptions.Json();
        var command = new Command("evaluate", "Judge a bundle through the serving path, beside baselines.")
        {
            bundle,
            events,
            split,
            prefixes,
            filter,
            kept,
            dial,
            svg,
            items,
            allowed,
            denied,
            ranges,
            cap,
            types,
            json,
        };
        cold.AddTo(command);
        command.SetAction(
            (parsed, cancel) =>
                Task.Run(
                    () =>
                    {
                        Require(parsed.GetValue(prefixes), parsed.GetValue(split), parsed.GetValue(events));
                        if (parsed.GetValue(split) == ColdItemsRun.Split)
                        {
                            return cold.Run(
                                parsed,
                                parsed.GetValue(events)!,
                                parsed.GetValue(items),
                                parsed.GetValue(types),
                                parsed.GetValue(json),
                                [bundle, filter, kept, dial, svg, allowed, denied, ranges, cap],
                                cancel
                            );
                        }
                        cold.RequireNone(parsed);
                        var directory = parsed.GetValue(bundle) ?? throw NoBundle();
                        var dials = parsed.GetValue(dial) is { } text ? DialCurve.Parse(text) : [];
                        var itemFile = parsed.GetValue(items);
                        var only = ItemFilter.Parse(
                            parsed.GetValue(allowed) ?? "",
                            parsed.GetValue(denied) ?? "",
                            parsed.GetValue(ranges) ?? ""
                        );
                        var most = ListCap.Parse(cap.Name, parsed.GetValue(cap) ?? "");
                        var isRuled = !only.IsNone || most is not null;
                        RequireDial(dials, parsed.GetValue(svg), isRuled ? null : itemFile);
                        ListRules.RequireCatalogue(only, most, itemFile is not null, "--items FILE");
                        var seen = FilterSeen.Of(parsed, filter);
                        var loaded = Bundle.Load(directory);
                        var taken = parsed.GetValue(types) is { } given
                            ? TypeNames.Parse(given)
                            : (loaded.Manifest.Types ?? []).ToHashSet();
                        var data = parsed.GetValue(events) is { } file
                            ? SequenceData.From(new EventFile(file).Events(), taken, cancel)
                            : null;
                        var evaluation = new BundleEvaluation(
                            loaded,
                            Eligible(loaded.Manifest, seen, parsed.GetValue(kept)),
                            cancel
                        )
                        {
                            Dials = dials,
                            // A catalogue need not have any, where no rule goes by them.
                            Categories =
                                itemFile is null || !(dials.Length > 0 || OfCategories(only, most))
                                    ? loaded.Categories
                                    : ItemFactsFile
                                        .Read(itemFile, loaded.ItemIds, cancel)
                                        .RequiredCategories(loaded.ItemIds),
                            Rules = isRuled ? Rules(loaded, only, most, itemFile, cancel) : null,
                        };
                        var report = (parsed.GetValue(prefixes), parsed.GetValue(split)) switch
                        {
                            ({ } path, _) => evaluation.Prefixes(path, data),
                            (_, TrainingInput.Time) => evaluation.ByTime(data!),
                            (_, TrainingInput.Session) => evaluation.BySession(data!),
                            _ => evaluation.LeaveOneOut(data!),
                        };
                        report = report with { Notes = [.. OtherTypes(loaded.Manifest, taken), .. report.Notes] };
                        foreach (var note in report.Notes)
                        {
                            Console.Error.WriteLine($"Note: {note}.");
                        }
                        if (parsed.GetValue(svg) is { } picture)
                        {
                            File.WriteAllText(picture, DialSvg.Of(report.Dial));
                        }
                        string[] judged = [.. taken.Order(StringComparer.Ordinal)];
                        if (parsed.GetValue(json))
                        {
                            Console.WriteLine(EvaluationJson.Of(report, judged).ToJsonString());
                        }
                        else
                        {
                            EvaluationText.Write(report, judged);
                        }
                        return (int)ExitCode.Success;
                    },
                    cancel
                )
        );
        return command;
    }

    private static void Require(string? prefixes, string? split, string? events)
    {
        if ((prefixes is null) == (split is null) || (split is not null && events is null))
        {
            throw new StreamRecException(
                "Give either --events with --split leave-one-out, time, session or cold-items, or --prefixes.",
                FaultKind.Usage
            );
        }
    }

    private static StreamRecException NoBundle() =>
        new("Option '--bundle' is required: the bundle to judge.", FaultKind.Usage);

    private static void RequireDial(float[] dials, string? svg, string? items)
    {
        if (dials.Length == 0 && (svg ?? items) is not null)
        {
            throw new StreamRecException(
                svg is null
                    ? "--items goes with --dial, such as --dial 0,.25,.5,.75,1, or with a rule of lists, such as "
                        + "--cap category:3/10."
                    : "--svg goes with --dial, such as --dial 0,.25,.5,.75,1.",
                FaultKind.Usage
            );
        }
        if (svg is not null)
        {
            OutputPlace.CheckFile("--svg", svg);
        }
    }

    private static bool OfCategories(ItemFilter filter, ListCap? cap) =>
        filter.IsOfCategories || cap?.Of == ListCap.Category;

    private static RuledLists Rules(
        Bundle bundle,
        ItemFilter filter,
        ListCap? cap,
        string? itemFile,
        CancellationToken cancel
    ) =>
        itemFile is not null ? new(filter, cap, CatalogueFile.Read(itemFile, bundle.ItemIds, filter, cap, cancel))
        : bundle.Categories is not null ? new(filter, cap, null)
        : throw new StreamRecException(
            $"--cap is {cap!.Text}, and the bundle has no categories: give --items FILE.",
            FaultKind.Usage
        );

    private static Eligibility Eligible(BundleManifest manifest, SeenRule? filter, int kept)
    {
        var least = Eligibility.LeastKept(manifest.Window);
        if (kept != 0 && (kept < least || kept > MostKept))
        {
            throw new StreamRecException(
                $"--kept is {kept}; give 0, or the bundle's 2W−1 = {least} to {MostKept}.",
                FaultKind.Usage
            );
        }
        return Eligibility.Of(manifest, filter, kept);
    }

    private static IEnumerable<string> OtherTypes(BundleManifest manifest, IReadOnlySet<string> taken) =>
        manifest.Types is { } trained && !taken.SetEquals(trained)
            ? [$"the bundle was trained on {TypeNames.Told(trained)}, and is judged on {TypeNames.Told(taken)}"]
            : [];
}
