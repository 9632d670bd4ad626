namespace StreamRec.Binary;

/// <summary>
/// How a text is written after the one before it: schemas/state.md. The numbers are stored: append only, up to 7.
/// </summary>
internal enum TextForm : byte
{
    /// <summary>How many leading ASCII characters are the previous text's, then the rest as a text.</summary>
    Text = 0,

    /// <summary>
    /// The previous text, the number at its end greater by a zigzag varint, printed at least as wide.
    /// </summary>
    Step = 1,

    /// <summary>A decimal number of 1–19 digits without leading zeros, as a varint.</summary>
    Decimal = 2,

    /// <summary>The 16 bytes of a UUID in lower case, hyphens between.</summary>
    Uuid = 3,

    /// <summary>The same in upper case.</summary>
    UpperUuid = 4,

    /// <summary>
    /// How many leading ASCII characters are the previous text's, then the rest as bytes, two hex digits each.
    /// </summary>
    Hex = 5,

    /// <summary>The same in upper case.</summary>
    UpperHex = 6,
}
