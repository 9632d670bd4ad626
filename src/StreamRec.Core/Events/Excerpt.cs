using System.Buffers;
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

    /// <summary>
    /// All of it, on one line: what is text as in <see cref="Of(ReadOnlySpan{char})"/>, a byte that is none as \xNN.
    /// </summary>
    public static string Whole(ReadOnlySpan<byte> bytes)
    {
        var shown = new StringBuilder(bytes.Length);
        while (bytes.Length > 0)
        {
            var isText = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
            if (isText)
            {
                Append(shown, rune);
            }
            for (var at = 0; at < length && !isText; at++)
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\x{bytes[at]:x2}");
            }
            bytes = bytes[length..];
        }
        return shown.ToString();
    }

    private static string Of(ReadOnlySpan<char> text, int length)
    {
        var shown = new StringBuilder();
        foreach (var rune in text[..Math.Min(text.Length, MostChars)].EnumerateRunes())
        {
            Append(shown, rune);
        }
        return text.Length <= MostChars && length <= 4 * MostChars
            ? shown.ToString()
            : shown.Append(CultureInfo.InvariantCulture, $"… ({length} long)").ToString();
    }

    private static void Append(StringBuilder shown, Rune rune)
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
