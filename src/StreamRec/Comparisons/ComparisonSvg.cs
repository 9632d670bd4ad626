using System.Globalization;
using System.Security;
using System.Text;

namespace StreamRec.Comparisons;

/// <summary>A comparison as a picture: NDCG@10 of each ranker, the best first, with its 95 % interval.</summary>
internal static class ComparisonSvg
{
    private const int Width = 760,
        Left = 170,
        Right = 70,
        Top = 16,
        Row = 26,
        Bottom = 40;

    public static string Of(ComparisonReport report)
    {
        var rows = report
            .Rankers.Select(ranker =>
                (
                    ranker.Name,
                    Value: ranker.Result.Metrics.Ndcg(10),
                    Bounds: ranker.Result.Metrics.Intervals()["ndcg@10"]
                )
            )
            .OrderByDescending(row => row.Value)
            .ToArray();
        var most = Math.Max(1e-9, rows.Max(row => row.Bounds?[1] ?? row.Value));
        double X(double value) => Left + ((Width - Left - Right) * Math.Max(0, value) / most);
        var height = Top + (rows.Length * Row) + Bottom;
        var svg = new StringBuilder();
        void Add(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Add(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" font-family="sans-serif"
            font-size="12">
            """
        );
        Add($"""<rect width="100%" height="100%" fill="white"/>""");
        for (var at = 0; at < rows.Length; at++)
        {
            var (name, value, bounds) = rows[at];
            var middle = Top + (at * Row) + (Row / 2.0);
            var colour = name == report.Reference.Name ? "#c0392b" : "#2980b9";
            var text = SecurityElement.Escape(name);
            Add($"""<text x="{Left - 8}" y="{middle + 4:F1}" text-anchor="end">{text}</text>""");
            Add(
                $"""
                <rect x="{Left}" y="{middle - 8:F1}" width="{X(value) - Left:F1}" height="16" fill="{colour}"/>
                """
            );
            if (bounds is [var low, var high])
            {
                Add($"""<line x1="{X(low):F1}" x2="{X(high):F1}" y1="{middle:F1}" y2="{middle:F1}" stroke="black"/>""");
            }
            Add($"""<text x="{X(bounds?[1] ?? value) + 6:F1}" y="{middle + 4:F1}">{value:F4}</text>""");
        }
        Add(
            $"""
            <text x="{(Left + Width - Right) / 2}" y="{height
                - 12}" text-anchor="middle">NDCG@10, 95 % by user; {report.Cases.Cases} cases</text>
            """
        );
        return svg.Append("</svg>\n").ToString();
    }
}
