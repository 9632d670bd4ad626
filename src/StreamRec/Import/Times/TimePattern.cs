using System.Globalization;

namespace StreamRec.Import.Times;

/// <summary>
/// How dates stand in a file, in .NET's letters, such as dd/MM/yyyy HH:mm:ss. Names of months and days are English.
/// </summary>
internal sealed class TimePattern
{
    private readonly bool _hasOffset;

    private TimePattern(string text, bool hasOffset) => (Text, _hasOffset) = (text, hasOffset);

    public string Text { get; }

    /// <exception cref="StreamRecException">It is none, or leaves open which day it was.</exception>
    public static TimePattern Parse(string text)
    {
        var letters = Letters(text);
        var works = false;
        try
        {
            works = DateTimeOffset.UnixEpoch.ToString(text, CultureInfo.InvariantCulture).Length > 0;
        }
        catch (FormatException) { }
        return
            works
            && !text.Contains('%', StringComparison.Ordinal)
            && letters.Contains('y')
            && letters.Contains('M')
            && letters.Contains('d')
            ? new(text, letters.Contains('z') || letters.Contains('K'))
            : throw new StreamRecException(
                $"--time-pattern is '{text}': give year, month and day as yyyy, MM, dd, and with them what stands "
                    + "there of HH, mm, ss, fff, tt (AM or PM), "
                    + "MMM (Jan), ddd (Mon), zzz (an offset), such as dd/MM/yyyy HH:mm:ss; other letters in "
                    + "'quotes'.",
                FaultKind.Usage
            );
    }

    /// <param name="local">What a clock showed, where the pattern has no offset; else null.</param>
    /// <param name="ms">Milliseconds since 1970, where it has one.</param>
    public bool TryRead(string text, out DateTime? local, out long ms)
    {
        var read = DateTimeOffset.TryParseExact(
            text,
            Text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AssumeUniversal,
            out var time
        );
        local = read && !_hasOffset ? time.DateTime : null;
        ms = read && _hasOffset ? time.ToUnixTimeMilliseconds() : 0;
        return read;
    }

    /// <summary>The pattern without what stands in quotes or behind a backslash.</summary>
    private static string Letters(string text)
    {
        var letters = new System.Text.StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] is '\'' or '"')
            {
                var end = text.IndexOf(text[at], at + 1);
                at = end < 0 ? text.Length : end;
            }
            else
            {
                letters.Append(text[at]);
            }
        }
        return letters.ToString();
    }
}
