using System.Globalization;
using Spectre.Console;
using StreamRec.Training.ColdItems;

namespace StreamRec.ColdItems;

/// <summary>A report for people.</summary>
internal static class ColdItemsText
{
    public static void Write(ColdItemsReport report)
    {
        Console.WriteLine(
            $"{report.NewItems} of {report.Items} items drawn as new (seed {report.Seed}), their events not trained on"
                + (report.WithoutFacts > 0 ? $"; nothing is known of {report.WithoutFacts} of them" : "")
                + $". {report.Cases} cases: each user's last event on one, behind at least three on known items."
        );
        Console.WriteLine(TowerText.Told(report.Tower));
        AnsiConsole.Write(Among(report));
        Console.WriteLine(
            $"Among all items; known items by {report.KnownCases} held-out events, NDCG@10 "
                + $"{Number(report.KnownNdcg10)} without new ones:"
        );
        AnsiConsole.Write(All(report));
    }

    private static Table Among(ColdItemsReport report)
    {
        var table = new Table().AddColumns("among new items", "hr@10", "ndcg@10", "95 % of ndcg@10", "");
        foreach (var ranker in report.AmongNew)
        {
            table.AddRow(
                ranker.Name,
                Number(ranker.HitRate10),
                Number(ranker.Ndcg10),
                ranker.Interval is [var low, var high] ? $"{Number(low)}–{Number(high)}" : "–",
                ranker.Available ? "" : "not to be had: nobody knows it yet"
            );
        }
        return table;
    }

    private static Table All(ColdItemsReport report)
    {
        var table = new Table().AddColumns(
            "share asked for",
            "new hr@10",
            "new ndcg@10",
            "known ndcg@10",
            "price",
            "slots taken",
            "γ",
            "β"
        );
        foreach (var row in report.AmongAll)
        {
            table.AddRow(
                row.Share is { } share ? share.ToString("0.###", CultureInfo.InvariantCulture) : "as made",
                Number(row.NewHitRate10),
                Number(row.NewNdcg10),
                Number(row.KnownNdcg10),
                ((row.KnownNdcg10 / report.KnownNdcg10) - 1).ToString("+0.0%;-0.0%;0.0%", CultureInfo.InvariantCulture),
                row.Slots.ToString("0.0%", CultureInfo.InvariantCulture),
                row.Gamma.ToString("0.##", CultureInfo.InvariantCulture),
                row.Beta.ToString("0.00", CultureInfo.InvariantCulture)
            );
        }
        return table;
    }

    private static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
