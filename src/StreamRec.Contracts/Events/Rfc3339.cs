namespace StreamRec.Events;

/// <summary>
/// RFC 3339 date-times, such as <c>2026-03-01T12:00:00.250+01:00</c>, strictly: culture and clock play no part.
/// </summary>
public static class Rfc3339
{
    private const int SecondsEnd = 19;

    /// <summary>
    /// Reads one date-time. Digits of the second's fraction beyond the third are dropped; second 60 is refused.
    /// </summary>
    /// <param name="ms">Milliseconds since 1970-01-01T00:00:00Z.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out long ms)
    {
        ms = 0;
        if (
            text.Length <= SecondsEnd
            || !HasSeparators(text)
            || !Digits(text[..4], out var year)
            || !Digits(text[5..7], out var month)
            || !Digits(text[8..10], out var day)
            || !Digits(text[11..13], out var hour)
            || !Digits(text[14..16], out var minute)
            || !Digits(text[17..19], out var second)
            || year < 1
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
            || hour > 23
            || minute > 59
            || second > 59
        )
        {
            return false;
        }
        var rest = text[SecondsEnd..];
        if (!Fraction(ref rest, out var millisecond) || !Offset(rest, out var offsetMinutes))
        {
            return false;
        }
        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        ms =
            ((local - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond)
            + millisecond
            - (offsetMinutes * 60_000L);
        return true;
    }

    private static bool HasSeparators(ReadOnlySpan<byte> text) =>
        text[4] == '-' && text[7] == '-' && text[10] is (byte)'T' or (byte)'t' && text[13] == ':' && text[16] == ':';

    private static bool Fraction(ref ReadOnlySpan<byte> rest, out int millisecond)
    {
        millisecond = 0;
        if (rest[0] != '.')
        {
            return true;
        }
        var count = 1;
        for (
            var weight = 100;
            count < rest.Length && rest[count] is >= (byte)'0' and <= (byte)'9';
            count++, weight /= 10
        )
        {
            millisecond += (rest[count] - '0') * weight;
        }
        rest = rest[count..];
        return count > 1;
    }

    private static bool Offset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest.Length == 1)
        {
            return rest[0] is (byte)'Z' or (byte)'z';
        }
        if (
            rest.Length != 6
            || rest[0] is not ((byte)'+' or (byte)'-')
            || rest[3] != ':'
            || !Digits(rest[1..3], out var hours)
            || !Digits(rest[4..6], out var rests)
            || hours > 23
            || rests > 59
        )
        {
            return false;
        }
        minutes = ((hours * 60) + rests) * (rest[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }
            value = (value * 10) + digit - '0';
        }
        return true;
    }
}
