namespace StreamRec.Import.Times;

/// <summary>
/// Dates and times that read one way alone, the year first: as ISO 8601, RFC 3339, pandas, PostgreSQL and BigQuery
/// write them.
/// </summary>
internal static class DateText
{
    /// <param name="local">What the clock showed; midnight where there is no time of day. What is finer than a
    /// millisecond is dropped.</param>
    /// <param name="offset">Of that clock from UTC; null where the text has none.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, out DateTime local, out TimeSpan? offset)
    {
        local = default;
        offset = null;
        var rest = text;
        if (!Date(ref rest, out var date))
        {
            return false;
        }
        var clock = TimeSpan.Zero;
        var zone = rest;
        if (!rest.IsEmpty && rest[0] is (byte)'T' or (byte)'t' or (byte)' ')
        {
            rest = rest[1..].TrimStart((byte)' ');
            if (!rest.IsEmpty && rest[0] is >= (byte)'0' and <= (byte)'9')
            {
                if (!Clock(ref rest, out clock))
                {
                    return false;
                }
                zone = rest;
            }
        }
        local = date + clock;
        return Offset(zone.Trim((byte)' '), out offset);
    }

    /// <summary>2020-01-02, 2020/1/2, 2020.01.02 or 20200102.</summary>
    private static bool Date(ref ReadOnlySpan<byte> text, out DateTime date)
    {
        date = default;
        int month,
            day;
        if (!Number(ref text, 4, 4, out var year) || text.IsEmpty)
        {
            return false;
        }
        var between = text[0];
        if (between is (byte)'-' or (byte)'/' or (byte)'.')
        {
            text = text[1..];
            if (!Number(ref text, 1, 2, out month) || text.IsEmpty || text[0] != between)
            {
                return false;
            }
            text = text[1..];
            if (!Number(ref text, 1, 2, out day))
            {
                return false;
            }
        }
        else if (!Number(ref text, 2, 2, out month) || !Number(ref text, 2, 2, out day))
        {
            return false;
        }
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }
        date = new DateTime(year, month, day);
        return true;
    }

    /// <summary>03, 03:04, 03:04:05, 03:04:05.123456789, 3:04 PM, 0304 or 030405.</summary>
    private static bool Clock(ref ReadOnlySpan<byte> text, out TimeSpan clock)
    {
        clock = default;
        int minute = 0,
            second = 0,
            ms = 0;
        if (!Number(ref text, 1, 2, out var hour))
        {
            return false;
        }
        if (Skip(ref text, (byte)':'))
        {
            if (
                !Number(ref text, 2, 2, out minute)
                || (Skip(ref text, (byte)':') && (!Number(ref text, 2, 2, out second) || !Fraction(ref text, out ms)))
            )
            {
                return false;
            }
        }
        else if (
            Number(ref text, 2, 2, out minute)
            && Number(ref text, 2, 2, out second)
            && !Fraction(ref text, out ms)
        )
        {
            return false;
        }
        var half = text.TrimStart((byte)' ');
        if (half.Length >= 2 && (half[0] | 0x20) is (byte)'a' or (byte)'p' && (half[1] | 0x20) == 'm')
        {
            if (hour is < 1 or > 12)
            {
                return false;
            }
            hour = hour % 12 + ((half[0] | 0x20) == 'p' ? 12 : 0);
            text = half[2..];
        }
        clock = new TimeSpan(0, hour, minute, second, ms);
        return hour <= 23 && minute <= 59 && second <= 59;
    }

    private static bool Fraction(ref ReadOnlySpan<byte> text, out int ms)
    {
        ms = 0;
        if (!Skip(ref text, (byte)'.') && !Skip(ref text, (byte)','))
        {
            return true;
        }
        var count = 0;
        for (
            var weight = 100;
            count < text.Length && text[count] is >= (byte)'0' and <= (byte)'9';
            count++, weight /= 10
        )
        {
            ms += (text[count] - '0') * weight;
        }
        text = text[count..];
        return count > 0;
    }

    /// <summary>Z, UTC, GMT, +01, +0100, +01:00, or none.</summary>
    private static bool Offset(ReadOnlySpan<byte> text, out TimeSpan? offset)
    {
        offset = null;
        if (text.IsEmpty)
        {
            return true;
        }
        if (text is [(byte)'Z' or (byte)'z'] || text.SequenceEqual("UTC"u8) || text.SequenceEqual("GMT"u8))
        {
            offset = TimeSpan.Zero;
            return true;
        }
        var minus = text[0] == '-';
        text = minus || text[0] == '+' ? text[1..] : default;
        var minutes = 0;
        var read = Number(ref text, 2, 2, out var hours);
        if (!text.IsEmpty)
        {
            Skip(ref text, (byte)':');
            read = read && Number(ref text, 2, 2, out minutes) && text.IsEmpty;
        }
        if (!read || hours > 23 || minutes > 59)
        {
            return false;
        }
        offset = new TimeSpan(hours, minutes, 0) * (minus ? -1 : 1);
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> text, byte character)
    {
        var there = !text.IsEmpty && text[0] == character;
        text = there ? text[1..] : text;
        return there;
    }

    /// <summary>A number of so many digits; nothing is taken where the answer is false.</summary>
    private static bool Number(ref ReadOnlySpan<byte> text, int least, int most, out int number)
    {
        number = 0;
        var count = 0;
        for (; count < most && count < text.Length && text[count] is >= (byte)'0' and <= (byte)'9'; count++)
        {
            number = number * 10 + text[count] - '0';
        }
        if (count < least)
        {
            number = 0;
            return false;
        }
        text = text[count..];
        return true;
    }
}
