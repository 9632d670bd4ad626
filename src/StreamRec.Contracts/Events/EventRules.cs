namespace StreamRec.Events;

/// <summary>
/// The event contract for events that were not parsed from JSON: what the parser would say of them once written.
/// </summary>
public static class EventRules
{
    /// <summary>The first rule that the event breaks; null if it keeps all.</summary>
    public static EventError? Check(in ClickEvent click) =>
        Text("event_id", click.EventId, EventLimits.MaxIdBytes)
        ?? Text("user_id", click.UserId, EventLimits.MaxIdBytes)
        ?? Text("item_id", click.ItemId, EventLimits.MaxIdBytes)
        ?? Text("type", click.Type, EventLimits.MaxTypeBytes)
        ?? CheckTime(click.TimeMs)
        ?? Optional("session_id", click.SessionId, EventLimits.MaxIdBytes)
        ?? Optional("shown.list", click.Shown?.List, EventLimits.MaxNameBytes)
        ?? Optional("shown.model", click.Shown?.Model, EventLimits.MaxNameBytes)
        ?? Position(click.Shown?.Position)
        ?? Segments(click.Segments);

    /// <summary>The first rule that segments break; null if they keep all.</summary>
    public static EventError? Segments(IReadOnlyList<string>? segments)
    {
        if (segments?.Count > EventLimits.MaxSegments)
        {
            return new(EventReason.BadLength, "segments", $"At most {EventLimits.MaxSegments} segments are allowed.");
        }
        for (var at = 0; at < segments?.Count; at++)
        {
            if (Text("segments", segments[at], EventLimits.MaxSegmentBytes) is { } error)
            {
                return error;
            }
        }
        return null;
    }

    private static EventError? CheckTime(long ms) =>
        ms is >= EventLimits.MinTimeMs and <= EventLimits.MaxTimeMs ? null : EventTime.CheckNumber(ms);

    private static EventError? Optional(string field, string? text, int most) =>
        text is null ? null : Text(field, text, most);

    private static EventError? Text(string field, string? text, int most)
    {
        if (text is null)
        {
            return new(EventReason.MissingField, field, "The field is missing.");
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return new(EventReason.BadUtf8, field, "The text holds half of a surrogate pair.");
            }
        }
        return System.Text.Encoding.UTF8.GetByteCount(text) is var bytes && bytes >= 1 && bytes <= most
            ? null
            : new(EventReason.BadLength, field, $"The text must have 1 to {most} UTF-8 bytes.");
    }

    private static EventError? Position(int? position) =>
        position is < 1 or > EventLimits.MaxPosition
            ? new(
                EventReason.OutOfRange,
                "shown.position",
                $"The position must lie between 1 and {EventLimits.MaxPosition}."
            )
            : null;
}
