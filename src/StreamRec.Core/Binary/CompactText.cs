using System.Runtime.CompilerServices;

namespace StreamRec.Binary;

/// <summary>Ids as few bytes: most are numbers, hex, UUIDs, or much like the id before.</summary>
/// <remarks>The first form that fits is taken, so the same texts give the same bytes.</remarks>
[SkipLocalsInit]
internal static class CompactText
{
    /// <summary>The most bytes of a text.</summary>
    public const int MaxBytes = 128;

    private const int UuidLength = 36,
        UuidBytes = 16;

    /// <summary>Fewer hex digits save nothing.</summary>
    private const int LeastHexDigits = 4;

    /// <summary>Where a UUID has hyphens.</summary>
    private static ReadOnlySpan<int> Hyphens => [8, 13, 18, 23];

    /// <summary>Writes a UTF-8 text of 1–128 bytes (or none, where the previous is none too).</summary>
    /// <returns>Its form, which the reader must be told.</returns>
    public static TextForm Write(ref VarintWriter writer, ReadOnlySpan<byte> text, ReadOnlySpan<byte> previous)
    {
        Span<byte> packed = stackalloc byte[MaxBytes / 2];
        if (text.Length == UuidLength && TryPackUuid(text, packed, out var upper))
        {
            writer.Bytes(packed[..UuidBytes]);
            return upper ? TextForm.UpperUuid : TextForm.Uuid;
        }
        var same = text.CommonPrefixLength(previous);
        if (TryStep(text, previous, same, out var step))
        {
            writer.Signed(step);
            return TextForm.Step;
        }
        if (
            text.Length <= Digits.Most
            && (text.Length == 1 || !text.StartsWith((byte)'0'))
            && Digits.TryRead(text, out var number)
        )
        {
            writer.Unsigned(number);
            return TextForm.Decimal;
        }
        var beyond = text[..same].IndexOfAnyExceptInRange((byte)0, (byte)0x7F);
        var shared = beyond < 0 ? same : beyond;
        // One less where that leaves whole bytes.
        var even = shared - ((text.Length - shared) % 2 == 1 && shared > 0 ? 1 : 0);
        var digits = text.Length - even;
        if (
            digits >= LeastHexDigits
            && digits % 2 == 0
            && HexDigits.TryPack(text[even..], packed[..(digits / 2)], out upper)
        )
        {
            writer.Unsigned((ulong)even);
            writer.Unsigned((ulong)(digits / 2));
            writer.Bytes(packed[..(digits / 2)]);
            return upper ? TextForm.UpperHex : TextForm.Hex;
        }
        writer.Unsigned((ulong)shared);
        writer.Text(text[shared..]);
        return TextForm.Text;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="into">Where it goes, at least <see cref="MaxBytes"/>; not where the previous one is.</param>
    /// <returns>Its length.</returns>
    /// <exception cref="InvalidDataException">The bytes are no text of that form.</exception>
    public static int Read(ref VarintReader reader, TextForm form, ReadOnlySpan<byte> previous, scoped Span<byte> into)
    {
        switch (form)
        {
            case TextForm.Text:
                var shared = ReadShared(ref reader, previous);
                var rest = reader.Text(MaxBytes - shared);
                previous[..shared].CopyTo(into);
                rest.CopyTo(into[shared..]);
                return shared + rest.Length;
            case TextForm.Step:
                return Stepped(previous, reader.Signed(), into);
            case TextForm.Decimal:
                return WriteDigits(reader.Unsigned(Digits.End - 1), 1, [], into);
            case TextForm.Uuid or TextForm.UpperUuid:
                return UnpackUuid(reader.Bytes(UuidBytes), form == TextForm.UpperUuid, into);
            case TextForm.Hex or TextForm.UpperHex:
                shared = ReadShared(ref reader, previous);
                var packed = reader.Bytes((int)reader.Unsigned((ulong)(MaxBytes - shared) / 2));
                previous[..shared].CopyTo(into);
                HexDigits.Unpack(packed, form == TextForm.UpperHex, into[shared..]);
                return shared + 2 * packed.Length;
            default:
                throw new InvalidDataException($"The text's form {(byte)form} is not known.");
        }
    }

    private static bool TryPackUuid(ReadOnlySpan<byte> text, Span<byte> packed, out bool upper)
    {
        upper = false;
        Span<byte> digits = stackalloc byte[2 * UuidBytes];
        int from = 0,
            to = 0;
        foreach (var hyphen in Hyphens)
        {
            if (text[hyphen] != (byte)'-')
            {
                return false;
            }
            text[from..hyphen].CopyTo(digits[to..]);
            to += hyphen - from;
            from = hyphen + 1;
        }
        text[from..].CopyTo(digits[to..]);
        return HexDigits.TryPack(digits, packed[..UuidBytes], out upper);
    }

    private static int UnpackUuid(ReadOnlySpan<byte> packed, bool upper, Span<byte> text)
    {
        Span<byte> digits = stackalloc byte[2 * UuidBytes];
        HexDigits.Unpack(packed, upper, digits);
        int from = 0,
            at = 0;
        foreach (var hyphen in Hyphens)
        {
            digits.Slice(from, hyphen - at).CopyTo(text[at..]);
            from += hyphen - at;
            text[hyphen] = (byte)'-';
            at = hyphen + 1;
        }
        digits[from..].CopyTo(text[at..]);
        return UuidLength;
    }

    /// <param name="same">How many leading bytes both have.</param>
    private static bool TryStep(ReadOnlySpan<byte> text, ReadOnlySpan<byte> previous, int same, out long step)
    {
        step = 0;
        var digits = Digits.AtEnd(previous);
        var before = previous.Length - digits;
        var own = text.Length - before;
        if (
            digits == 0
            || same < before
            || own < digits
            || own > Digits.Most
            || (own > digits && text[before] == (byte)'0')
        )
        {
            return false;
        }
        // Where both have as many digits, the leading ones that are the same cancel out.
        var from = own == digits && same < text.Length ? same : before;
        if (!Digits.TryRead(text[from..], out var number) || !Digits.TryRead(previous[from..], out var old))
        {
            return false;
        }
        step = unchecked((long)(number - old));
        return true;
    }

    private static int Stepped(ReadOnlySpan<byte> previous, long step, Span<byte> text)
    {
        var digits = Digits.AtEnd(previous);
        var before = previous[..^digits];
        if (
            !Digits.TryRead(previous[before.Length..], out var number)
            || (number = unchecked(number + (ulong)step)) >= Digits.End
        )
        {
            throw new InvalidDataException(
                "A text is a step from one that does not end in a number, or to one that is too large."
            );
        }
        return WriteDigits(number, digits, before, text);
    }

    private static int WriteDigits(ulong number, int least, ReadOnlySpan<byte> before, Span<byte> text)
    {
        Span<byte> printed = stackalloc byte[Digits.Most + 1];
        printed = printed[Digits.WriteAtEnd(number, least, printed)..];
        var length = before.Length + printed.Length;
        if (length > MaxBytes)
        {
            throw new InvalidDataException($"A text is longer than {MaxBytes} bytes.");
        }
        before.CopyTo(text);
        printed.CopyTo(text[before.Length..]);
        return length;
    }

    private static int ReadShared(ref VarintReader reader, ReadOnlySpan<byte> previous)
    {
        var shared = (int)reader.Unsigned((ulong)previous.Length);
        return System.Text.Ascii.IsValid(previous[..shared])
            ? shared
            : throw new InvalidDataException("Texts share characters that are not ASCII.");
    }
}
