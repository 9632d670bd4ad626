using System.Globalization;
using StreamRec.Events;

namespace StreamRec.Ranking.Caps;

/// <summary>At most so many items of one category, or of one value of an attribute, in a list's first places.</summary>
/// <param name="Of"><see cref="Category"/>, or the attribute's name.</param>
/// <param name="Most">Of each.</param>
/// <param name="Places">Of the list, from the first on.</param>
public sealed record ListCap(string Of, int Most, int Places)
{
    /// <summary>The categories of an item.</summary>
    public const string Category = "category";

    private const int MostPlaces = 1_000;

    /// <summary>As it is written.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Of}:{Most}/{Places}");

    /// <summary>Reads <c>category:3/10</c>; null of an empty text.</summary>
    /// <param name="setting">Whose value it is.</param>
    /// <exception cref="StreamRecException">It is something else.</exception>
    public static ListCap? Parse(string setting, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        var colon = text.LastIndexOf(':');
        var slash = text.IndexOf('/', Math.Max(0, colon));
        if (
            colon > 0
            && slash > colon
            && Number(text.AsSpan((colon + 1)..slash)) is { } most
            && Number(text.AsSpan(slash + 1)) is { } places
            && most < places
        )
        {
            return new ListCap(text[..colon], most, places);
        }
        throw new StreamRecException(
            $"{setting} is '{Excerpt.Of(text)}': give {Category}:3/10 for at most 3 items of one category in the first "
                + "10 places, or the name of an attribute in its place, such as author:1/5; "
                + $"the first number is below the second, and that is {MostPlaces} at most.",
            FaultKind.Usage
        );
    }

    private static int? Number(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number is >= 1 and <= MostPlaces
            ? number
            : null;
}
