using System.Text.Json;
using System.Text.Unicode;
using StreamRec.Events;

namespace StreamRec.Catalogue;

/// <summary>Items as JSON, the contract of schemas/item.md.</summary>
public static class ItemJson
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = EventLimits.MaxDepth * 2 };

    /// <summary>
    /// Reads one record's key and value. No bytes whatever make it throw. A field of the contract that stands twice is
    /// refused, unknown ones are not read.
    /// </summary>
    /// <param name="key">The item's id in UTF-8.</param>
    /// <param name="value">One JSON object in UTF-8.</param>
    /// <param name="facts">Null where the answer is false.</param>
    /// <param name="error">Why not; default where the answer is true.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> key,
        ReadOnlyMemory<byte> value,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ItemFacts? facts,
        out EventError error
    )
    {
        facts = null;
        if ((CheckKey(key) ?? CheckBytes(value.Span)) is { } refused)
        {
            error = refused;
            return false;
        }
        try
        {
            using var document = JsonDocument.Parse(value, s_options);
            error = new ItemJsonReader().Read(document.RootElement, out facts).GetValueOrDefault();
        }
        catch (JsonException fault)
        {
            error = new(
                EventReason.MalformedJson,
                "",
                $"Not valid JSON at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}."
            );
        }
        catch (InvalidOperationException)
        {
            // The bytes are valid UTF-8, so what cannot be turned into text is half of a surrogate pair, escaped.
            error = new(EventReason.BadUtf8, "", "An escape is half of a surrogate pair.");
        }
        return facts is not null;
    }

    /// <summary>What is wrong with a record's key; null: it is an item's id.</summary>
    public static EventError? CheckKey(ReadOnlySpan<byte> key) =>
        key.Length is < 1 or > EventLimits.MaxIdBytes
            ? new(EventReason.BadLength, "key", $"The key must be the item's id, 1 to {EventLimits.MaxIdBytes} bytes.")
        : Utf8.IsValid(key) ? null
        : new(EventReason.BadUtf8, "key", "The key is not valid UTF-8.");

    private static EventError? CheckBytes(ReadOnlySpan<byte> value) =>
        value.Length > ItemLimits.MaxRecordBytes
            ? new(
                EventReason.RecordTooLarge,
                "",
                $"The record has more than the {ItemLimits.MaxRecordBytes} bytes that are allowed."
            )
            : EventJsonReader.CheckBytes(value);
}
