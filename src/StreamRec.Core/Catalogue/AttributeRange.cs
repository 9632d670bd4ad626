using System.Globalization;

namespace StreamRec.Catalogue;

/// <summary>What an attribute's number must lie between, both ends included.</summary>
/// <param name="Least">−∞: any below the other end.</param>
/// <param name="Most">∞: any above the other end.</param>
public sealed record AttributeRange(string Attribute, double Least, double Most)
{
    private const string Between = "..";

    /// <summary>As it is written.</summary>
    public string Text => $"{Attribute}:{Shown(Least)}{Between}{Shown(Most)}";

    /// <summary>Reads <c>price:10..50</c>, whose ends may be left out; null: it is something else.</summary>
    public static AttributeRange? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var between = text.IndexOf(Between, Math.Max(0, colon), StringComparison.Ordinal);
        return
            colon > 0
            && between > colon
            && Number(text.AsSpan((colon + 1)..between), double.NegativeInfinity) is { } least
            && Number(text.AsSpan(between + Between.Length), double.PositiveInfinity) is { } most
            && least <= most
            && (double.IsFinite(least) || double.IsFinite(most))
            ? new AttributeRange(text[..colon], least, most)
            : null;
    }

    /// <summary>Whether an item may be listed: one whose attribute is missing, or no number, may not.</summary>
    public bool Allows(ItemFacts item) =>
        item.Attributes.TryGetValue(Attribute, out var value)
        && value.Number is { } number
        && number >= Least
        && number <= Most;

    private static double? Number(ReadOnlySpan<char> text, double open) =>
        text.IsEmpty ? open
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
        : null;

    private static string Shown(double end) =>
        double.IsFinite(end) ? end.ToString("R", CultureInfo.InvariantCulture) : "";
}
