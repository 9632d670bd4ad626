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
                    report.Eligible.ExcludeSeen
                        ? $"leave out the items of a user's last {report.Eligible.Kept} events"
                        : "may hold seen items"
                )
                + "; "
                + $"event types: {(types.Count == 0 ? "all" : string.Join(", ", types))}; "
                + $"encoded by {report.Way}, as the worker does."
        );
        Console.WriteLine($"Trained on what is asked: {report.Leak.Verdict}: {report.Leak.Why}.");
        AnsiConsole.Write(Figures(report));
        AnsiConsole.Write(Slices(report.Rankers[0]));
    }

    private static string New(CaseSummary cases) =>
        cases.NewUsers is { } news ? $", {news} of them by users without an event before the cut" : "";

    private static Table Figures(EvaluationReport report)
    {
        string[] names = [.. report.Rankers[0].Metrics.ByName().Keys];
        Table table = new Table()
            .AddColumn($"{report.Cases.Cases} cases")
            .AddColumns(names)
            .AddColumns("95 % of ndcg@10", "coverage", "pop. bias", "similarity");
        foreach (RankerEvaluation result in report.Rankers)
        {
            double[]? interval = result.Metrics.Intervals()["ndcg@10"];
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

    private static Table Slices(RankerEvaluation model)
    {
        Table table = new Table().AddColumns("slice of the model's cases", "cases", "hr@10", "ndcg@10");
        foreach (
            (string slice, RankingMetrics metrics) in model.Slices.OrderBy(slice => slice.Key, StringComparer.Ordinal)
        )
        {
            table.AddRow(slice, $"{metrics.Count}", Number(metrics.HitRate(10), "F4"), Number(metrics.Ndcg(10), "F4"));
        }
        return table;
    }

    private static string Number(double? value, string format) =>
        value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "–";
}
