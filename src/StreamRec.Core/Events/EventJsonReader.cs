using System.Text.Json;
using System.Text.Unicode;

namespace StreamRec.Events;

/// <summary>One pass over one event's JSON. Its caller turns the reader's two kinds of exception into errors.</summary>
internal ref struct EventJsonReader(ReadOnlySpan<byte> json)
{
    // One UTF-8 byte takes at most the six of \u0000 when escaped.
    private const int MaxEscapedBytes = EventLimits.MaxIdBytes * 6;

    private Utf8JsonReader _reader = new(json, new JsonReaderOptions { MaxDepth = EventLimits.MaxDepth * 2 });
    private Fields _seen;
    private EventError _error;

    [Flags]
    private enum Fields
    {
        None = 0,
        EventId = 1,
        UserId = 2,
        ItemId = 4,
        Type = 8,
        Time = 16,
        SessionId = 32,
    }

    /// <summary>The field being read; empty between fields.</summary>
    public string Field { get; private set; } = "";

    /// <summary>What can be told without reading JSON.</summary>
    public static EventError? CheckBytes(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return new(EventReason.Empty, "", "The record has no value.");
        }

        if (json.Length > EventLimits.MaxRecordBytes)
        {
            return new(EventReason.RecordTooLarge, "", $"The record has {json.Length} bytes; {EventLimits.MaxRecordBytes} are allowed.");
        }

        if (json.StartsWith("\uFEFF"u8))
        {
            return new(EventReason.ByteOrderMark, "", "The record starts with a byte order mark.");
        }

        return Utf8.IsValid(json) ? null : new(EventReason.BadUtf8, "", "The record is not valid UTF-8.");
    }

    public bool TryRead(out ClickEvent click, out EventError error)
    {
        string? eventId = null, userId = null, itemId = null, type = null, session = null;
        long time = 0;
        click = default;
        var ok = ReadStart();
        while (ok && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Name();
            ok = First(field) && _reader.Read() && field switch
            {
                Fields.EventId => Text(EventLimits.MaxIdBytes, out eventId),
                Fields.UserId => Text(EventLimits.MaxIdBytes, out userId),
                Fields.ItemId => Text(EventLimits.MaxIdBytes, out itemId),
                Fields.Type => Optional(EventLimits.MaxTypeBytes, out type),
                Fields.SessionId => Optional(EventLimits.MaxIdBytes, out session),
                Fields.Time => Time(out time),
                _ => Skip(),
            };
        }

        Field = "";
        // The read past the closing brace is what refuses trailing bytes.
        ok = ok && !_reader.Read() && Complete();
        if (ok)
        {
            click = new(eventId!, userId!, itemId!, type ?? EventTypes.Click, time, session);
        }

        error = _error;
        return ok;
    }

    private bool ReadStart() =>
        (_reader.Read() && _reader.TokenType == JsonTokenType.StartObject) || Fail(EventReason.NotAnObject, "The record is not a JSON object.");

    private Fields Name()
    {
        (var field, Field) = _reader.ValueTextEquals("event_id"u8) ? (Fields.EventId, "event_id")
            : _reader.ValueTextEquals("user_id"u8) ? (Fields.UserId, "user_id")
            : _reader.ValueTextEquals("item_id"u8) ? (Fields.ItemId, "item_id")
            : _reader.ValueTextEquals("type"u8) ? (Fields.Type, "type")
            : _reader.ValueTextEquals("ts"u8) ? (Fields.Time, "ts")
            : _reader.ValueTextEquals("session_id"u8) ? (Fields.SessionId, "session_id")
            : (Fields.None, "");
        return field;
    }

    private bool First(Fields field)
    {
        if ((_seen & field) != 0)
        {
            return Fail(EventReason.DuplicateField, "The field stands twice.");
        }

        _seen |= field;
        return true;
    }

    private bool Complete()
    {
        Field = (_seen & Fields.EventId) == 0 ? "event_id"
            : (_seen & Fields.UserId) == 0 ? "user_id"
            : (_seen & Fields.ItemId) == 0 ? "item_id"
            : (_seen & Fields.Time) == 0 ? "ts"
            : "";
        return Field == "" || Fail(EventReason.MissingField, "The field is missing.");
    }

    private bool Optional(int maxBytes, out string? text)
    {
        text = null;
        return _reader.TokenType == JsonTokenType.Null || Text(maxBytes, out text);
    }

    private bool Text(int maxBytes, out string? text)
    {
        text = null;
        scoped ReadOnlySpan<byte> raw = _reader.ValueSpan;
        if (_reader.TokenType == JsonTokenType.Number
            ? raw.IndexOfAnyExceptInRange((byte)'0', (byte)'9') > 0 || raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0 || maxBytes == EventLimits.MaxTypeBytes
            : _reader.TokenType != JsonTokenType.String)
        {
            return Fail(EventReason.WrongType, "A string is expected; for an id, an integer will do.");
        }

        if (raw.Length > MaxEscapedBytes)
        {
            return BadLength(maxBytes);
        }

        Span<byte> unescaped = stackalloc byte[MaxEscapedBytes];
        if (_reader.ValueIsEscaped)
        {
            raw = unescaped[.._reader.CopyString(unescaped)];
        }

        if (raw.Length < 1 || raw.Length > maxBytes)
        {
            return BadLength(maxBytes);
        }

        text = EventTypes.FromUtf8(raw) ?? System.Text.Encoding.UTF8.GetString(raw);
        return true;
    }

    private bool Time(out long ms)
    {
        ms = 0;
        EventError? refused;
        switch (_reader.TokenType)
        {
            case JsonTokenType.Number when _reader.TryGetInt64(out ms):
                refused = EventTime.CheckNumber(ms);
                break;
            case JsonTokenType.String when !_reader.ValueIsEscaped && Rfc3339.TryParse(_reader.ValueSpan, out ms):
                refused = ms is < EventLimits.MinTimeMs or > EventLimits.MaxTimeMs ? EventTime.OutOfRange : null;
                break;
            case JsonTokenType.Number or JsonTokenType.String:
                return Fail(EventReason.BadTime, "The time is neither an integer of milliseconds since 1970 nor an RFC 3339 date-time.");
            default:
                return Fail(EventReason.WrongType, "An integer or a string is expected.");
        }

        _error = refused.GetValueOrDefault();
        return refused is null;
    }

    private bool Skip()
    {
        var depth = _reader.CurrentDepth;
        while (_reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || _reader.CurrentDepth > depth)
        {
            if (_reader.CurrentDepth >= EventLimits.MaxDepth)
            {
                return Fail(EventReason.TooDeep, $"The record is nested deeper than {EventLimits.MaxDepth}.");
            }

            _reader.Read();
        }

        return true;
    }

    private bool BadLength(int maxBytes) => Fail(EventReason.BadLength, $"The text must have 1 to {maxBytes} UTF-8 bytes.");

    private bool Fail(EventReason reason, string message)
    {
        _error = new(reason, Field, message);
        return false;
    }
}
