using System.Globalization;
using Spectre.Console;
using StreamRec.Events;
using StreamRec.Settings;

namespace StreamRec.Evaluation;

/// <summary>The figures of new users for people.</summary>
internal static class NewUserText
{
    public static void Write(NewUserReport report)
    {
        Console.WriteLine(
            $"{report.Users} users who first occur after the cut. "
                + (
                    report.HalfLife is { } half
                        ? "`popular` is the list that serves them, and whatever is decayed counts an event half after "
                            + $"{Duration.Show(half)}. "
                        : ""
                )
                + (report.Validated.Count > 0 ? Kinds(report) : "")
        );
        AnsiConsole.Write(
            Table(
                "first list, ndcg@10 ± s.e.",
                NewUserReport.FirstEvents.Select(most => most == 1 ? "first event" : $"first {most}"),
                report.FirstLists
            )
        );
        AnsiConsole.Write(
            Table(
                "by events so far, ndcg@10 ± s.e.",
                NewUserReport.EventsSoFar.Zip(NewUserReport.EventsSoFar.Skip(1), Columns),
                report.Curve
            )
        );
    }

    private static string Kinds(NewUserReport report) =>
        "Kinds of segments, on users of the training part: "
        + string.Join(
            ", ",
            report.Validated.Select(kind =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Excerpt.Of(kind.Kind)} {kind.Gain:+0.0000;-0.0000} "
                        + $"(at least {kind.GainAtLeast:+0.0000;-0.0000})"
                )
            )
        )
        + $"; chosen: {Excerpt.Of(report.Chosen ?? "none")}.";

    private static string Columns(int from, int next) => next == from + 1 ? $"{from}" : $"{from}–{next - 1}";

    private static Table Table(string name, IEnumerable<string> columns, IReadOnlyList<NewUserRow> rows)
    {
        var table = new Table().AddColumn(name).AddColumns([.. columns]);
        foreach (var row in rows)
        {
            table.AddRow([
                Markup.Escape(Excerpt.Of(row.Name)),
                .. row.Figures.Select(figure =>
                    figure.Cases == 0
                        ? "–"
                        : string.Create(CultureInfo.InvariantCulture, $"{figure.Mean:F4} ± {figure.StandardError:F4}")
                ),
            ]);
        }
        return table;
    }
}
