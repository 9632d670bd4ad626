using System.Net;
using System.Text;
using StreamRec.Training.Runs;

namespace StreamRec.Training.Sweeps;

/// <summary>A sweep for people: a table in Markdown, and learning curves as SVG.</summary>
internal static class SweepReport
{
    private const int Width = 860,
        Height = 420,
        Left = 60,
        Right = 330,
        Top = 20,
        Bottom = 40,
        MostCurves = 16;
    private static readonly string[] Colours =
    [
        "#1b6ca8",
        "#d1495b",
        "#2e8b57",
        "#edae49",
        "#6f4e9b",
        "#00798c",
        "#8d6a3f",
        "#c04cb0",
    ];

    public static string Table(IReadOnlyList<SweepTrial> best)
    {
        var text = new StringBuilder(
            "| trial | validation NDCG@10 | HR@10 | best epoch | seconds |\n|---|---|---|---|---|\n"
        );
        foreach (var trial in best)
        {
            text.Append(
                $"| {trial.Label()} | {trial.Ndcg10:F4} | {trial.HitRate10:F4} | {trial.BestEpoch} | "
                    + $"{trial.Seconds:F0} |\n"
            );
        }
        return text.ToString();
    }

    /// <summary>Validation NDCG@10 by epoch, one line a trial, the best 16.</summary>
    public static string Curves(IReadOnlyList<SweepTrial> best)
    {
        SweepTrial[] drawn = [.. best.Take(MostCurves)];
        var epochs = Math.Max(1, drawn.Max(trial => trial.Curve.Select(point => point.Epoch).DefaultIfEmpty(1).Max()));
        var highest = Math.Max(
            1e-6,
            drawn.SelectMany(trial => trial.Curve).Select(p => p.Ndcg10).Where(double.IsFinite).DefaultIfEmpty(1).Max()
        );
        var step = Math.Pow(10, Math.Floor(Math.Log10(highest)));
        step =
            highest / step < 2 ? step / 5
            : highest / step < 5 ? step / 2
            : step;
        var scale = Math.Ceiling(highest / step) * step;
        double X(double epoch) => Left + ((Width - Left - Right) * (epoch - 1) / Math.Max(1, epochs - 1));
        double Y(double value) => Height - Bottom - ((Height - Top - Bottom) * value / scale);

        var svg = new StringBuilder();
        svg.Append(
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" """
                + $"""font-family="sans-serif" font-size="12">"""
        );
        svg.Append("""<rect width="100%" height="100%" fill="white"/>""");
        for (double value = 0; value <= scale + (step / 2); value += step)
        {
            svg.Append(
                $"""<line x1="{Left}" x2="{Width - Right}" y1="{Y(value):F1}" y2="{Y(value):F1}" stroke="#ddd"/>"""
            );
            svg.Append($"""<text x="{Left - 6}" y="{Y(value) + 4:F1}" text-anchor="end">{value:0.####}</text>""");
        }
        for (var epoch = 1; epoch <= epochs; epoch += Math.Max(1, epochs / 10))
        {
            svg.Append($"""<text x="{X(epoch):F1}" y="{Height - Bottom + 18}" text-anchor="middle">{epoch}</text>""");
        }
        svg.Append(
            $"""<text x="{(Left + Width - Right) / 2}" y="{Height - 6}" """
                + $"""text-anchor="middle">epoch; validation NDCG@10</text>"""
        );
        for (var at = 0; at < drawn.Length; at++)
        {
            string colour = Colours[at % Colours.Length],
                dash = at < Colours.Length ? "" : " stroke-dasharray=\"5 3\"";
            var points = string.Join(
                " ",
                drawn[at].Curve.Where(p => double.IsFinite(p.Ndcg10)).Select(p => $"{X(p.Epoch):F1},{Y(p.Ndcg10):F1}")
            );
            svg.Append($"""<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>""");
            var y = Top + 8 + (at * 20);
            svg.Append(
                $"""<line x1="{Width - Right + 14}" x2="{Width - Right + 36}" y1="{y - 4}" y2="{y - 4}" """
                    + $"""stroke="{colour}" stroke-width="2"{dash}/>"""
            );
            svg.Append(
                $"""<text x="{Width - Right + 42}" y="{y}">{drawn[at].Ndcg10:F4} """
                    + $"""{WebUtility.HtmlEncode(drawn[at].Label())}</text>"""
            );
        }
        return svg.Append("</svg>\n").ToString();
    }
}
