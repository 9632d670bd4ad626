namespace StreamRec.Binary;

/// <summary>Decimal digits in UTF-8 texts.</summary>
internal static class Digits
{
    /// <summary>So many always fit 64 bits.</summary>
    public const int Most = 19;

    /// <summary>10^19: the first number with more digits.</summary>
    public const ulong End = 10_000_000_000_000_000_000;

    /// <summary>How many digits a text ends in, at most <see cref="Most"/>.</summary>
    public static int AtEnd(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (count < text.Length && count < Most && text[text.Length - 1 - count] is >= (byte)'0' and <= (byte)'9')
        {
            count++;
        }
        return count;
    }

    /// <summary>Reads a text that is all digits, at most <see cref="Most"/>; false if it is not.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        foreach (var next in text)
        {
            var digit = (uint)(next - '0');
            if (digit > 9)
            {
                return false;
            }
            number = number * 10 + digit;
        }
        return text.Length is >= 1 and <= Most;
    }

    /// <summary>Writes a number from the right end of <paramref name="into"/>, at least so many digits.</summary>
    /// <returns>Where it begins.</returns>
    public static int WriteAtEnd(ulong number, int least, Span<byte> into)
    {
        var at = into.Length;
        for (; number > 0 || least > 0; least--)
        {
            into[--at] = (byte)('0' + number % 10);
            number /= 10;
        }
        return at;
    }
}
