using System.Globalization;
using Spectre.Console;

namespace StreamRec.Comparisons;

/// <summary>A comparison for people.</summary>
internal static class ComparisonText
{
    public static void Write(ComparisonReport report, IReadOnlyList<string> types)
    {
        Console.WriteLine(
            $"{report.Cases.Cases} cases of {report.Cases.Users} users ({report.Split ?? "questions from a file"}). "
                + (
                    report.Eligible.ExcludeSeen.Excludes
                        ? $"Lists leave out the items of a user's last {report.Eligible.Seen} events"
                        : "Lists may hold seen items"
                )
                + $"; event types: {(types.Count == 0 ? "all" : string.Join(", ", types))}. Settings were chosen by "
                + $"{report.ChosenBy} events of the training part."
        );
        foreach (var model in report.Models)
        {
            Console.WriteLine(
                $"{model.Name}: {model.Path}, trained on {model.Manifest.Items} items"
                    + $"{Until(model.Manifest.TrainedToMs)}; last events held out: "
                    + (model.HeldOut is { } share ? share.ToString("P0", CultureInfo.InvariantCulture) : "not known")
                    + $"; on what is asked: {model.Leak.Verdict}"
                    + "."
            );
        }
        AnsiConsole.Write(Figures(report));
    }

    private static string Until(long? milliseconds) =>
        milliseconds is { } to
            ? $" until {DateTimeOffset.FromUnixTimeMilliseconds(to).ToString("u", CultureInfo.InvariantCulture)}"
            : "";

    private static Table Figures(ComparisonReport report)
    {
        string[] names = [.. report.Rankers[0].Result.Metrics.ByName().Keys];
        var table = new Table()
            .AddColumn("ranker")
            .AddColumns(names)
            .AddColumns(
                "95 % of ndcg@10",
                $"ndcg@10 less {report.Reference.Name}'s, 95 %",
                "coverage",
                "seconds",
                "settings"
            );
        foreach (var ranker in report.Rankers)
        {
            var above = ranker.Result.Metrics.IntervalsAbove(report.Reference.Result.Metrics)["ndcg@10"];
            table.AddRow(
                new[] { ranker.Name }
                    .Concat(ranker.Result.Metrics.ByName().Values.Select(value => Number(value, "F4")))
                    .Append(Interval(ranker.Result.Metrics.Intervals()["ndcg@10"], "–"))
                    .Append(ranker == report.Reference ? "–" : Interval(above, " to "))
                    .Append(Number(ranker.Result.Lists?.Coverage, "F3"))
                    .Append(Number((ranker.Fit + ranker.Rank).TotalSeconds, "F1"))
                    .Append(ranker.Settings)
                    .Select(Markup.Escape)
                    .ToArray()
            );
        }
        return table;
    }

    private static string Interval(double[]? bounds, string to) =>
        bounds is [var low, var high] ? $"{Number(low, "F4")}{to}{Number(high, "F4")}" : "–";

    private static string Number(double? value, string format) =>
        value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "–";
}
