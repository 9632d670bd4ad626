using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamRec.Events;

/// <summary>Events as JSON, the contract of schemas/event.md.</summary>
public static class EventJson
{
    /// <summary>Text stays as it is where JSON does not want an escape.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Reads one event. No bytes whatever make it throw. A field that stands twice is refused, unknown fields are not
    /// read.
    /// </summary>
    /// <param name="json">One JSON object in UTF-8, at most <see cref="EventLimits.MaxRecordBytes"/> bytes.</param>
    /// <param name="click">The event; default where the answer is false.</param>
    /// <param name="error">Why not; default where the answer is true.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, out ClickEvent click, out EventError error)
    {
        var ok = TryRead(json, out var pieces, out error);
        click = ok ? pieces.ToEvent(json) : default;
        return ok;
    }

    /// <summary>
    /// As the other, but makes no texts: the event's are slices of <paramref name="json"/>, save for those with
    /// escapes.
    /// </summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, out EventText click, out EventError error)
    {
        var ok = TryRead(json.Span, out var pieces, out error);
        click = ok ? pieces.ToText(json) : default;
        return ok;
    }

    private static bool TryRead(ReadOnlySpan<byte> json, out EventPieces pieces, out EventError error)
    {
        pieces = default;
        if (EventJsonReader.CheckBytes(json) is { } refused)
        {
            error = refused;
            return false;
        }
        var reader = new EventJsonReader(json);
        try
        {
            return reader.TryRead(out pieces, out error);
        }
        catch (JsonException exception)
        {
            error = new(
                EventReason.MalformedJson,
                "",
                $"Not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."
            );
        }
        catch (InvalidOperationException)
        {
            // The bytes are valid UTF-8, so what the reader cannot turn into text is half of a surrogate pair, escaped.
            error = new(EventReason.BadUtf8, reader.Field, "An escape is half of a surrogate pair.");
        }
        return false;
    }

    /// <summary>Writes one event as an object; what is null is left out.</summary>
    public static void Write(Utf8JsonWriter writer, in ClickEvent click)
    {
        writer.WriteStartObject();
        writer.WriteString("event_id"u8, click.EventId);
        writer.WriteString("user_id"u8, click.UserId);
        writer.WriteString("item_id"u8, click.ItemId);
        writer.WriteString("type"u8, click.Type);
        writer.WriteNumber("ts"u8, click.TimeMs);
        if (click.SessionId is not null)
        {
            writer.WriteString("session_id"u8, click.SessionId);
        }
        if (click.Shown is { } shown)
        {
            Write(writer, shown);
        }
        if (click.Segments is { Count: > 0 } segments)
        {
            writer.WriteStartArray("segments"u8);
            foreach (var segment in segments)
            {
                writer.WriteStringValue(segment);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Shown shown)
    {
        writer.WriteStartObject("shown"u8);
        if (shown.List is not null)
        {
            writer.WriteString("list"u8, shown.List);
        }
        if (shown.Model is not null)
        {
            writer.WriteString("model"u8, shown.Model);
        }
        if (shown.Position is { } position)
        {
            writer.WriteNumber("position"u8, position);
        }
        writer.WriteEndObject();
    }

    /// <summary>One event as a Kafka value: compact JSON without a line end.</summary>
    public static byte[] ToUtf8(in ClickEvent click)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            Write(writer, click);
        }
        return buffer.WrittenSpan.ToArray();
    }
}
