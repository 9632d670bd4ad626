using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamRec.Lists;

/// <summary>
/// How an event stands in the bytes of a list whose last one it is, as <see cref="ListWriter"/> writes it.
/// </summary>
/// <remarks>
/// For a measure that reads the end of thousands of lists a second. Other readers parse the list: the order of its
/// fields is no part of its contract.
/// </remarks>
public static class LastEventMark
{
    /// <summary>The most bytes that stand behind the mark.</summary>
    public const int MostBehind = 640;

    internal static ReadOnlySpan<byte> Key => "\"last_event\":{\"id\":"u8;

    /// <summary>The mark of an event.</summary>
    public static byte[] Of(string eventId) =>
        [
            .. Key,
            (byte)'"',
            .. JsonEncodedText.Encode(eventId, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes,
            (byte)'"',
        ];
}
