namespace StreamRec.Events;

/// <summary>
/// The event types that have a one-byte code in stored states. The set of types is open: any other is kept as text.
/// </summary>
public static class EventTypes
{
    /// <summary>Opened an item; what an event without a type is.</summary>
    public const string Click = "click";

    /// <summary>Saw an item.</summary>
    public const string View = "view";

    /// <summary>Put an item into the cart.</summary>
    public const string Cart = "cart";

    /// <summary>Bought an item.</summary>
    public const string Purchase = "purchase";

    /// <summary>Liked an item.</summary>
    public const string Like = "like";

    /// <summary>Did not.</summary>
    public const string Dislike = "dislike";

    /// <summary>Rated an item.</summary>
    public const string Rating = "rating";

    /// <summary>Passed an item on.</summary>
    public const string Share = "share";

    /// <summary>Code of a type that is written as text.</summary>
    internal const byte OtherCode = 0;

    /// <summary>Index = code. Append only: the codes are stored.</summary>
    private static readonly string?[] ByCode = [null, Click, View, Cart, Purchase, Like, Dislike, Rating, Share];

    private static readonly byte[][] s_utf8ByCode =
    [
        .. ByCode.Select(type => System.Text.Encoding.UTF8.GetBytes(type ?? "")),
    ];

    /// <summary>The code of a well-known type, 1–8; 0 for any other.</summary>
    internal static byte CodeOf(ReadOnlySpan<byte> type)
    {
        for (var code = 1; code < s_utf8ByCode.Length; code++)
        {
            if (type.SequenceEqual(s_utf8ByCode[code]))
            {
                return (byte)code;
            }
        }
        return OtherCode;
    }

    /// <summary>The type of a code that has one.</summary>
    internal static ReadOnlySpan<byte> Utf8Of(byte code) => s_utf8ByCode[code];

    /// <summary>Whether a well-known type has the code.</summary>
    internal static bool IsCode(byte code) => code != OtherCode && code < s_utf8ByCode.Length;

    /// <summary>A text of UTF-8; the shared string where it is a well-known type, so that none is made of it.</summary>
    internal static string TextOf(ReadOnlySpan<byte> utf8) =>
        ByCode[CodeOf(utf8)] ?? System.Text.Encoding.UTF8.GetString(utf8);
}
