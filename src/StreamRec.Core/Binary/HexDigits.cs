namespace StreamRec.Binary;

/// <summary>Hex digits in UTF-8 texts, all of them in one case.</summary>
internal static class HexDigits
{
    private const byte None = 0xFF,
        Lower = 0x10,
        Upper = 0x20,
        Value = 0x0F;

    /// <summary>By byte: the digit's value, and its case where it is a letter.</summary>
    private static readonly byte[] s_kinds = Kinds();

    /// <summary>Packs two digits a byte.</summary>
    /// <param name="text">As many digits as <paramref name="bytes"/> has halves.</param>
    /// <param name="upper">Whether there are letters in upper case.</param>
    /// <returns>False if a character is no digit, or both cases occur.</returns>
    public static bool TryPack(ReadOnlySpan<byte> text, Span<byte> bytes, out bool upper)
    {
        var seen = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            int high = KindOf(text[2 * i]),
                low = KindOf(text[2 * i + 1]);
            if (high == None || low == None)
            {
                upper = false;
                return false;
            }
            seen |= high | low;
            bytes[i] = (byte)((high << 4) | (low & Value));
        }
        upper = (seen & Upper) != 0;
        return (seen & (Lower | Upper)) != (Lower | Upper);
    }

    public static void Unpack(ReadOnlySpan<byte> bytes, bool upper, Span<byte> text)
    {
        var letters = (upper ? 'A' : 'a') - 10;
        for (var i = 0; i < bytes.Length; i++)
        {
            text[2 * i] = Digit(bytes[i] >> 4, letters);
            text[2 * i + 1] = Digit(bytes[i] & Value, letters);
        }
    }

    private static byte Digit(int value, int letters) => (byte)(value < 10 ? '0' + value : letters + value);

    private static byte KindOf(byte character) => s_kinds[character];

    private static byte[] Kinds()
    {
        var kinds = new byte[256];
        Array.Fill(kinds, None);
        for (var digit = 0; digit < 10; digit++)
        {
            kinds['0' + digit] = (byte)digit;
        }
        for (var letter = 0; letter < 6; letter++)
        {
            kinds['a' + letter] = (byte)(Lower | (10 + letter));
            kinds['A' + letter] = (byte)(Upper | (10 + letter));
        }
        return kinds;
    }
}
