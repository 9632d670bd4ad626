using System.Text.Json;

namespace StreamRec.Events;

/// <summary>Where a text of an event is: in the event's JSON, or, where it had escapes, in memory of its own.</summary>
internal readonly struct EventPiece
{
    private readonly int _start;
    private readonly byte[]? _made;

    private EventPiece(int start, int length, byte[]? made) => (_start, Length, _made) = (start, length, made);

    /// <summary>In bytes; 0 for a text that is not there.</summary>
    public int Length { get; }

    public static EventPiece Slice(int start, int length) => new(start, length, null);

    public static EventPiece Made(byte[] text) => new(0, text.Length, text);

    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json) => _made ?? json.Slice(_start, Length);

    public string? ToText(ReadOnlySpan<byte> json) =>
        Length == 0 ? null : EventTypes.TextOf(_made ?? json.Slice(_start, Length));
}

/// <summary>An event as it was read from JSON: nothing is made of it yet.</summary>
internal struct EventPieces
{
    public EventPiece EventId,
        UserId,
        ItemId,
        Type,
        SessionId,
        ShownList,
        ShownModel;
    public int? ShownPosition;
    public bool IsShown;

    /// <summary>Where the array of segments is in the JSON; both 0 where it is not there.</summary>
    public int SegmentsStart,
        SegmentsLength;
    public long TimeMs;

    private static readonly byte[] s_click = "click"u8.ToArray();

    public readonly EventText ToText(ReadOnlyMemory<byte> json) =>
        new(EventId.Of(json), UserId.Of(json), ItemId.Of(json), Type.Length == 0 ? s_click : Type.Of(json), TimeMs);

    public readonly ClickEvent ToEvent(ReadOnlySpan<byte> json) =>
        new(
            EventId.ToText(json)!,
            UserId.ToText(json)!,
            ItemId.ToText(json)!,
            Type.ToText(json) ?? EventTypes.Click,
            TimeMs,
            SessionId.ToText(json),
            IsShown ? new Shown(ShownList.ToText(json), ShownModel.ToText(json), ShownPosition) : null,
            SegmentsLength == 0 ? null : SegmentTexts(json.Slice(SegmentsStart, SegmentsLength))
        );

    // Read a second time, by those who want them as texts: a worker does not, and its pieces stay small.
    private static string[]? SegmentTexts(ReadOnlySpan<byte> array)
    {
        var texts = new List<string>(EventLimits.MaxSegments);
        var reader = new Utf8JsonReader(array);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                texts.Add(reader.GetString()!);
            }
        }
        return texts.Count == 0 ? null : [.. texts];
    }
}
