using System.Globalization;
using System.Text;

namespace StreamRec.Evaluation;

/// <summary>A dial's figures as a picture: by how many per cent each differs from the first place's.</summary>
internal static class DialSvg
{
    private const int Width = 760,
        Height = 400,
        Left = 60,
        Right = 150,
        Top = 20,
        Bottom = 46;
    private const int Step = 10;

    private static readonly (string Name, string Colour, Func<DialPoint, double?> Of)[] s_figures =
    [
        ("NDCG@10", "#c0392b", point => point.Metrics.Ndcg(10)),
        ("HR@10", "#e67e22", point => point.Metrics.HitRate(10)),
        ("ILD", "#2980b9", point => point.Lists?.Distance),
        ("coverage", "#27ae60", point => point.Lists?.Coverage),
        ("Gini", "#8e44ad", point => point.Lists?.Gini),
        ("novelty", "#16a085", point => point.Lists?.Novelty),
        ("KL", "#2c3e50", point => point.Lists?.Divergence),
    ];

    public static string Of(IReadOnlyList<DialPoint> points)
    {
        var drawn = s_figures
            .Where(figure => points.All(point => figure.Of(point) is { } value && value > 0))
            .Select(figure =>
                (
                    figure.Name,
                    figure.Colour,
                    Changes: points
                        .Select(point => 100 * (figure.Of(point)!.Value / figure.Of(points[0])!.Value - 1))
                        .ToArray()
                )
            )
            .ToArray();
        double[] all = [0, .. drawn.SelectMany(figure => figure.Changes)];
        double low = Step * Math.Floor((all.Min() - 1) / Step),
            high = Step * Math.Ceiling((all.Max() + 1) / Step);
        double X(double dial) => Left + ((Width - Left - Right) * dial);
        double Y(double change) => Top + ((Height - Top - Bottom) * (high - change) / (high - low));

        var svg = new StringBuilder();
        void Add(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        void Text(double x, double y, string anchor, string text) =>
            Add($"""<text x="{x:F1}" y="{y:F1}" text-anchor="{anchor}">{text}</text>""");
        Add(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif"
            font-size="12">
            """
        );
        Add($"""<rect width="100%" height="100%" fill="white"/>""");
        for (var change = low; change <= high; change += Step)
        {
            Add($"""<line x1="{Left}" x2="{Width - Right}" y1="{Y(change):F1}" y2="{Y(change):F1}" stroke="#ddd"/>""");
            Text(Left - 6, Y(change) + 4, "end", $"{change:+0;-0;0} %");
        }
        foreach (var point in points)
        {
            Text(
                X(point.Dial),
                Height - Bottom + 18,
                "middle",
                point.Dial.ToString("0.##", CultureInfo.InvariantCulture)
            );
        }
        Text((Left + Width - Right) / 2.0, Height - 6, "middle", "dial; change from the first place");
        for (var at = 0; at < drawn.Length; at++)
        {
            var (name, colour, changes) = drawn[at];
            var line = string.Join(
                ' ',
                points.Zip(
                    changes,
                    (point, change) => string.Create(CultureInfo.InvariantCulture, $"{X(point.Dial):F1},{Y(change):F1}")
                )
            );
            Add($"""<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>""");
            var y = Top + 8 + (at * 20);
            Add(
                $"""
                <line x1="{Width - Right + 14}" x2="{Width - Right + 36}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}"
                stroke-width="2"/>
                """
            );
            Text(Width - Right + 42, y, "start", name);
        }
        return svg.Append("</svg>\n").ToString();
    }
}
