using System.Globalization;
using Spectre.Console;

namespace StreamRec.Evaluation;

/// <summary>A report for people. A figure without cases is a dash.</summary>
internal static class EvaluationText
{
    public static void Write(EvaluationReport report, IReadOnlyList<string> types)
    {
        Console.WriteLine(
            $"{report.Cases.Cases} cases of {report.Cases.Users} users{New(report.Cases)}. "
                + "Lists "
                + (
                    report.Eligible.ExcludeSeen.Excludes
                        ? $"leave out the items of a user's last {report.Eligible.Seen} events"
                        : "may hold seen items"
                )
                + "; "
                + $"event types: {(types.Count == 0 ? "all" : string.Join(", ", types))}; "
                + $"encoded by {report.Way}, as the worker does."
        );
        Console.WriteLine($"Trained on what is asked: {report.Leak.Verdict}: {report.Leak.Why}.");
        if (report.HeldOut is { } share)
        {
            Console.WriteLine($"Training held the last event out of {Number(share, "P0")} of its users.");
        }
        AnsiConsole.Write(Figures(report));
        if (report.Dial.Count > 0)
        {
            AnsiConsole.Write(Dial(report.Dial));
        }
        if (report.Ruled is [var bare, var ruled])
        {
            Console.WriteLine($"Lists of {RuledLists.ListLength} by the rules {ruled.Rules}:");
            AnsiConsole.Write(
                Lists("model+rules", [("without", bare.Metrics, bare.Lists), ("with", ruled.Metrics, ruled.Lists)])
            );
        }
        AnsiConsole.Write(Slices(report.Rankers[0]));
        if (report.NewUsers is { } news)
        {
            NewUserText.Write(news);
        }
    }

    private static string New(CaseSummary cases) =>
        cases.NewUsers is { } news ? $", {news} of them by users without an event before the cut" : "";

    private static Table Figures(EvaluationReport report)
    {
        string[] names = [.. report.Rankers[0].Metrics.ByName().Keys];
        var table = new Table()
            .AddColumn($"{report.Cases.Cases} cases")
            .AddColumns(names)
            .AddColumns("95 % of ndcg@10", "coverage", "pop. bias", "similarity");
        foreach (var result in report.Rankers)
        {
            var interval = result.Metrics.Intervals()["ndcg@10"];
            table.AddRow([
                result.Ranker,
                .. result.Metrics.ByName().Values.Select(value => Number(value, "F4")),
                interval is null ? "–" : $"{Number(interval[0], "F4")}–{Number(interval[1], "F4")}",
                Number(result.Lists?.Coverage, "F3"),
                Number(result.Lists?.PopularityBias, "F2"),
                Number(result.Lists?.Similarity, "F3"),
            ]);
        }
        return table;
    }

    private static Table Dial(IReadOnlyList<DialPoint> points) =>
        Lists("model+dial", [.. points.Select(point => (Number(point.Dial, "0.###"), point.Metrics, point.Lists))]);

    private static Table Lists(string of, (string Name, RankingMetrics Metrics, VarietyFigures? Lists)[] points)
    {
        var table = new Table().AddColumns(
            of,
            "ndcg@10",
            "95 % above the first",
            "hr@10",
            "ILD",
            "coverage",
            "Gini",
            "novelty",
            "KL"
        );
        for (var at = 0; at < points.Length; at++)
        {
            var (name, metrics, lists) = points[at];
            var above = metrics.IntervalsAbove(points[0].Metrics)["ndcg@10"];
            table.AddRow(
                name,
                Number(metrics.Ndcg(10), "F4"),
                above is null || at == 0 ? "–" : $"{Number(above[0], "F4")} to {Number(above[1], "F4")}",
                Number(metrics.HitRate(10), "F4"),
                Number(lists?.Distance, "F3"),
                Number(lists?.Coverage, "F3"),
                Number(lists?.Gini, "F3"),
                Number(lists?.Novelty, "F2"),
                Number(lists?.Divergence, "F3")
            );
        }
        return table;
    }

    private static Table Slices(RankerEvaluation model)
    {
        var table = new Table().AddColumns("slice of the model's cases", "cases", "hr@10", "ndcg@10");
        foreach ((var slice, var metrics) in model.Slices.OrderBy(slice => slice.Key, StringComparer.Ordinal))
        {
            table.AddRow(slice, $"{metrics.Count}", Number(metrics.HitRate(10), "F4"), Number(metrics.Ndcg(10), "F4"));
        }
        return table;
    }

    private static string Number(double? value, string format) =>
        value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "–";
}
