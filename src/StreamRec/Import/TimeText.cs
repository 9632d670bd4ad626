using System.Globalization;
using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>How a file's numbers count time.</summary>
internal enum TimeUnit
{
    /// <summary>By size: up to 1e11 seconds, up to 1e14 milliseconds, up to 1e17 microseconds, above that nanoseconds.</summary>
    Auto,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// <summary>Times as they stand in foreign files: numbers since 1970, RFC 3339, or a date and time without a zone, taken as UTC.</summary>
internal static class TimeText
{
    private static readonly string[] s_zoneless =
        ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm", "yyyy-MM-dd", "yyyy/MM/dd HH:mm:ss"];

    /// <param name="ms">Milliseconds since 1970.</param>
    public static bool TryParse(string text, TimeUnit unit, out long ms)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
        {
            var scale = unit == TimeUnit.Auto ? Guess(number) : unit;
            var scaled = scale switch
            {
                TimeUnit.Seconds => number > 1e12m ? 1e15m : number * 1_000,
                TimeUnit.Microseconds => number / 1_000,
                TimeUnit.Nanoseconds => number / 1_000_000,
                _ => number,
            };
            ms = (long)Math.Clamp(scaled, 0, 1e15m);
            return true;
        }
        if (Rfc3339.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out ms))
        {
            return true;
        }
        var read = DateTime.TryParseExact(
            text, s_zoneless, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        ms = read ? new DateTimeOffset(time).ToUnixTimeMilliseconds() : 0;
        return read;
    }

    private static TimeUnit Guess(decimal number) =>
        number < 1e11m ? TimeUnit.Seconds : number < 1e14m ? TimeUnit.Milliseconds : number < 1e17m ? TimeUnit.Microseconds : TimeUnit.Nanoseconds;
}
