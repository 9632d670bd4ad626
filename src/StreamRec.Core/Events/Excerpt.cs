using System.Globalization;
using System.Text;

namespace StreamRec.Events;

/// <summary>
/// Data as messages quote it: cut to a line's length, and with nothing in it that a terminal would obey or hide.
/// </summary>
public static class Excerpt
{
    /// <summary>The most characters that are shown: any id is shown whole.</summary>
    public const int MostChars = 128;

    /// <param name="text">Of any length and content; half of a surrogate pair too.</param>
    public static string Of(ReadOnlySpan<char> text) => Of(text, text.Length);

    /// <summary>As the other, of bytes that should be UTF-8; those that are not stand as U+FFFD.</summary>
    public static string Of(ReadOnlySpan<byte> utf8) =>
        Of(System.Text.Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * MostChars)]), utf8.Length);

    private static string Of(ReadOnlySpan<char> text, int length)
    {
        var shown = new StringBuilder();
        foreach (var rune in text[..Math.Min(text.Length, MostChars)].EnumerateRunes())
        {
            if (IsPlain(rune))
            {
                shown.Append(rune);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
        }
        return text.Length <= MostChars && length <= 4 * MostChars
            ? shown.ToString()
            : shown.Append(CultureInfo.InvariantCulture, $"… ({length} long)").ToString();
    }

    // Format characters turn a line's direction, or stand in it unseen.
    private static bool IsPlain(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.Surrogate
            );
}
