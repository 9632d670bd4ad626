using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamRec.Recommendations;

/// <summary>The published list as JSON: schemas/list.md.</summary>
public static class ListJson
{
    public const int Format = 1;

    private const int Decimals = 5;
    private const double MaxScore = 1e9;

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a list.</summary>
    /// <param name="items">Item indices, best first.</param>
    /// <param name="scores">As many scores, each a number; beyond ±1e9 they are cut off.</param>
    /// <param name="itemIds">The ids by index, encoded.</param>
    public static byte[] Write(
        in Provenance made, ReadOnlySpan<int> items, ReadOnlySpan<float> scores, IReadOnlyList<JsonEncodedText> itemIds)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + items.Length * 24);
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format"u8, Format);
            writer.WriteString("kind"u8, made.Kind);
            writer.WriteString("model"u8, made.ModelId);
            writer.WriteStartArray("items"u8);
            foreach (var item in items)
            {
                writer.WriteStringValue(itemIds[item]);
            }
            writer.WriteEndArray();
            writer.WriteStartArray("scores"u8);
            foreach (var score in scores[..items.Length])
            {
                WriteScore(writer, score);
            }
            writer.WriteEndArray();
            if (made.LastEvent is { } last)
            {
                writer.WriteStartObject("last_event"u8);
                writer.WriteString("id"u8, last.EventId);
                writer.WriteNumber("ts"u8, last.TimeMs);
                writer.WriteEndObject();
            }
            if (made.Through is { } through)
            {
                writer.WriteStartObject("through"u8);
                writer.WriteString("topic_uuid"u8, through.TopicUuid);
                writer.WriteNumber("partition"u8, through.Partition);
                writer.WriteNumber("generation"u8, through.Generation);
                writer.WriteNumber("epoch"u8, through.Epoch);
                writer.WriteNumber("offset"u8, through.Offset);
                writer.WriteNumber("claim"u8, through.Claim);
                writer.WriteEndObject();
            }
            writer.WriteString("options"u8, made.Options);
            writer.WriteNumber("written_at"u8, made.WrittenAtMs);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Exactly 5 decimals, the nearest, ties to even; never "-0.00000".</summary>
    private static void WriteScore(Utf8JsonWriter writer, float score)
    {
        if (float.IsNaN(score))
        {
            throw new InvalidOperationException("A score is not a number: the model's encoder gave a vector that is not finite.");
        }
        var scaled = (long)Math.Round(Math.Clamp((double)score, -MaxScore, MaxScore) * 1e5);
        Span<byte> text = stackalloc byte[20];
        var at = text.Length;
        var left = Math.Abs(scaled);
        for (var digit = 0; digit <= Decimals || left > 0; digit++)
        {
            if (digit == Decimals)
            {
                text[--at] = (byte)'.';
            }
            text[--at] = (byte)('0' + left % 10);
            left /= 10;
        }
        if (scaled < 0)
        {
            text[--at] = (byte)'-';
        }
        writer.WriteRawValue(text[at..], skipInputValidation: true);
    }
}
