using System.Buffers.Text;
using System.Globalization;

namespace StreamRec.Import.Times;

/// <summary>
/// Times that are numbers: counted in a unit from 1970 or another moment, or a date's digits without anything between.
/// </summary>
internal static class TimeNumbers
{
    private const int FirstYear = 1900,
        LastYear = 2199;
    private const decimal Largest = 9e18m;

    public static bool IsNumber(ReadOnlySpan<byte> text, out decimal number)
    {
        if (Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length)
        {
            number = whole;
            return true;
        }
        const NumberStyles Style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out number);
    }

    /// <param name="ms">Milliseconds since 1970.</param>
    /// <param name="local">What a clock showed, where the digits are a date: the milliseconds depend on its zone
    /// then.</param>
    /// <returns>What to tell of the number; null if it was read.</returns>
    public static string? Read(
        ReadOnlySpan<byte> text,
        decimal number,
        TimeUnit unit,
        long? startMs,
        out long ms,
        out DateTime? local
    )
    {
        ms = 0;
        local = null;
        if (IsRounded(text, number))
        {
            return "has lost digits, as a spreadsheet's short form does: write the column out in full";
        }
        if (Math.Abs(number) > Largest)
        {
            return "is too large";
        }
        if (startMs is not null || unit != TimeUnit.Auto)
        {
            if (unit == TimeUnit.Auto)
            {
                return "is counted from --start in an unknown unit: give --time-unit";
            }
            var far = decimal.Floor(number * Milliseconds(unit)) + (startMs ?? 0);
            ms = (long)Math.Clamp(far, long.MinValue, long.MaxValue);
            return null;
        }
        return Guess(number, out ms, out local);
    }

    private static string? Guess(decimal number, out long ms, out DateTime? local)
    {
        ms = 0;
        local = null;
        if (number == decimal.Truncate(number) && number > 0)
        {
            var whole = (long)number;
            if (CompactDate(whole) is { } date)
            {
                local = date;
                return null;
            }
            if (whole is >= 1_990_010_100 and <= 2_199_123_123 && IsDate(whole / 100) && whole % 100 < 24)
            {
                return "is a date with its hour, or seconds of 2033 or later: give --time-pattern yyyyMMddHH or "
                    + "--time-unit s";
            }
        }
        if (number < 100_000_000)
        {
            return "is too small for seconds since 1970: give --time-unit, and --start if it is counted from another "
                + "moment, "
                + "or --time-pattern if it is a date";
        }
        var unit =
            number < 1e11m ? TimeUnit.Seconds
            : number < 1e14m ? TimeUnit.Milliseconds
            : number < 1e17m ? TimeUnit.Microseconds
            : TimeUnit.Nanoseconds;
        ms = (long)decimal.Floor(number * Milliseconds(unit));
        return null;
    }

    /// <summary>
    /// yyyyMMdd, and with HHmm, HHmmss or HHmmssfff behind it. As a count these would all be out of bounds, or of 1976.
    /// </summary>
    private static DateTime? CompactDate(long digits)
    {
        var (date, clock) = digits switch
        {
            >= 10_000_000 and < 100_000_000 => (digits, 0),
            >= 190_000_000_000 and < 1_000_000_000_000 => (digits / 10_000, digits % 10_000 * 100_000),
            >= 10_000_000_000_000 and < 100_000_000_000_000 => (digits / 1_000_000, digits % 1_000_000 * 1_000),
            >= 10_000_000_000_000_000 and < 100_000_000_000_000_000 => (digits / 1_000_000_000, digits % 1_000_000_000),
            _ => (0, 0),
        };
        var (hour, minute, second) = (clock / 10_000_000, clock / 100_000 % 100, clock / 1_000 % 100);
        if (!IsDate(date) || hour > 23 || minute > 59 || second > 59)
        {
            return null;
        }
        return new DateTime(
            (int)(date / 10_000),
            (int)(date / 100 % 100),
            (int)(date % 100),
            (int)hour,
            (int)minute,
            (int)second
        ).AddMilliseconds(clock % 1_000);
    }

    private static bool IsDate(long date) =>
        date / 10_000 is >= FirstYear and <= LastYear
        && date / 100 % 100 is >= 1 and <= 12
        && date % 100 >= 1
        && date % 100 <= DateTime.DaysInMonth((int)(date / 10_000), (int)(date / 100 % 100));

    /// <summary>
    /// 1.57793E+09 stands for any of ten thousand seconds: fewer digits than the number has before its point.
    /// </summary>
    private static bool IsRounded(ReadOnlySpan<byte> text, decimal number)
    {
        var exponent = text.IndexOfAny((byte)'e', (byte)'E');
        if (exponent < 0)
        {
            return false;
        }
        var digits = 0;
        foreach (var character in text[..exponent])
        {
            digits += character is >= (byte)'0' and <= (byte)'9' ? 1 : 0;
        }
        var whole = 0;
        for (var rest = Math.Abs(decimal.Truncate(number)); rest >= 1; rest = decimal.Truncate(rest / 10))
        {
            whole++;
        }
        return digits < whole;
    }

    private static decimal Milliseconds(TimeUnit unit) =>
        unit switch
        {
            TimeUnit.Days => 86_400_000,
            TimeUnit.Hours => 3_600_000,
            TimeUnit.Minutes => 60_000,
            TimeUnit.Seconds => 1_000,
            TimeUnit.Milliseconds => 1,
            TimeUnit.Microseconds => 0.001m,
            TimeUnit.Nanoseconds => 0.000001m,
            _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, null),
        };
}
