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
        Shown = 64,
        ShownList = 128,
        ShownModel = 256,
        ShownPosition = 512,
        Segments = 1024,
    }

    /// <summary>The field being read; empty between fields.</summary>
    public string Field { get; private set; } = "";

    public static EventError TooLarge =>
        new(
            EventReason.RecordTooLarge,
            "",
            $"The record has more than the {EventLimits.MaxRecordBytes} bytes that are allowed."
        );

    /// <summary>What can be told without reading JSON.</summary>
    public static EventError? CheckBytes(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return new(EventReason.Empty, "", "The record has no value.");
        }
        if (json.Length > EventLimits.MaxRecordBytes)
        {
            return TooLarge;
        }
        if (json.StartsWith("\uFEFF"u8))
        {
            return new(EventReason.ByteOrderMark, "", "The record starts with a byte order mark.");
        }
        return Utf8.IsValid(json) ? null : new(EventReason.BadUtf8, "", "The record is not valid UTF-8.");
    }

    public bool TryRead(out EventPieces pieces, out EventError error)
    {
        pieces = default;
        var ok = ReadStart();
        while (ok && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Name();
            ok =
                First(field)
                && _reader.Read()
                && field switch
                {
                    Fields.EventId => Id(out pieces.EventId),
                    Fields.UserId => Id(out pieces.UserId),
                    Fields.ItemId => Id(out pieces.ItemId),
                    Fields.Type => IsNull || Text(EventLimits.MaxTypeBytes, out pieces.Type),
                    Fields.SessionId => IsNull || Id(out pieces.SessionId),
                    Fields.Time => Time(out pieces.TimeMs),
                    Fields.Shown => IsNull || ReadShown(ref pieces),
                    Fields.Segments => IsNull || ReadSegments(ref pieces),
                    _ => Skip(),
                };
        }
        Field = "";
        // The read past the closing brace is what refuses trailing bytes.
        ok = ok && !_reader.Read() && Complete();
        error = _error;
        return ok;
    }

    private bool ReadStart() =>
        (_reader.Read() && _reader.TokenType == JsonTokenType.StartObject)
        || Fail(EventReason.NotAnObject, "The record is not a JSON object.");

    private Fields Name()
    {
        (var field, Field) =
            _reader.ValueTextEquals("event_id"u8) ? (Fields.EventId, "event_id")
            : _reader.ValueTextEquals("user_id"u8) ? (Fields.UserId, "user_id")
            : _reader.ValueTextEquals("item_id"u8) ? (Fields.ItemId, "item_id")
            : _reader.ValueTextEquals("type"u8) ? (Fields.Type, "type")
            : _reader.ValueTextEquals("ts"u8) ? (Fields.Time, "ts")
            : _reader.ValueTextEquals("session_id"u8) ? (Fields.SessionId, "session_id")
            : _reader.ValueTextEquals("shown"u8) ? (Fields.Shown, "shown")
            : _reader.ValueTextEquals("segments"u8) ? (Fields.Segments, "segments")
            : (Fields.None, "");
        return field;
    }

    private Fields ShownName()
    {
        (var field, Field) =
            _reader.ValueTextEquals("list"u8) ? (Fields.ShownList, "shown.list")
            : _reader.ValueTextEquals("model"u8) ? (Fields.ShownModel, "shown.model")
            : _reader.ValueTextEquals("position"u8) ? (Fields.ShownPosition, "shown.position")
            : (Fields.None, "shown");
        return field;
    }

    private bool ReadShown(ref EventPieces pieces)
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return Fail(EventReason.WrongType, "An object is expected.");
        }
        pieces.IsShown = true;
        var ok = true;
        while (ok && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = ShownName();
            ok =
                First(field)
                && _reader.Read()
                && field switch
                {
                    Fields.ShownList => IsNull || Text(EventLimits.MaxNameBytes, out pieces.ShownList),
                    Fields.ShownModel => IsNull || Text(EventLimits.MaxNameBytes, out pieces.ShownModel),
                    Fields.ShownPosition => IsNull || Position(out pieces.ShownPosition),
                    _ => Skip(),
                };
        }
        return ok;
    }

    private bool ReadSegments(ref EventPieces pieces)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            return Fail(EventReason.WrongType, "An array of strings is expected.");
        }
        pieces.SegmentsStart = (int)_reader.TokenStartIndex;
        for (var count = 1; _reader.Read() && _reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count > EventLimits.MaxSegments)
            {
                return Fail(EventReason.BadLength, $"At most {EventLimits.MaxSegments} segments are allowed.");
            }
            if (!Text(EventLimits.MaxSegmentBytes, out _))
            {
                return false;
            }
        }
        pieces.SegmentsLength = (int)_reader.BytesConsumed - pieces.SegmentsStart;
        return true;
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
        Field =
            (_seen & Fields.EventId) == 0 ? "event_id"
            : (_seen & Fields.UserId) == 0 ? "user_id"
            : (_seen & Fields.ItemId) == 0 ? "item_id"
            : (_seen & Fields.Time) == 0 ? "ts"
            : "";
        return Field == "" || Fail(EventReason.MissingField, "The field is missing.");
    }

    private readonly bool IsNull => _reader.TokenType == JsonTokenType.Null;

    /// <summary>A text, or an integer, whose digits are then the text.</summary>
    private bool Id(out EventPiece text)
    {
        text = default;
        return _reader.TokenType == JsonTokenType.Number
            ? IsInteger(_reader.ValueSpan)
                ? Unescaped(EventLimits.MaxIdBytes, out text)
                : Fail(EventReason.WrongType, "A string or an integer is expected.")
            : Text(EventLimits.MaxIdBytes, out text);
    }

    private static bool IsInteger(ReadOnlySpan<byte> number) =>
        number.IndexOfAnyExceptInRange((byte)'0', (byte)'9') <= 0
        && number.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;

    private bool Position(out int? position)
    {
        position = null;
        if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out var number))
        {
            return Fail(EventReason.WrongType, "An integer is expected.");
        }
        if (number is < 1 or > EventLimits.MaxPosition)
        {
            return Fail(EventReason.OutOfRange, $"The position must lie between 1 and {EventLimits.MaxPosition}.");
        }
        position = (int)number;
        return true;
    }

    private bool Text(int maxBytes, out EventPiece text)
    {
        text = default;
        return _reader.TokenType == JsonTokenType.String
            ? Unescaped(maxBytes, out text)
            : Fail(EventReason.WrongType, "A string is expected.");
    }

    private bool Unescaped(int maxBytes, out EventPiece text)
    {
        text = default;
        var raw = _reader.ValueSpan;
        if (raw.Length > MaxEscapedBytes)
        {
            return BadLength(maxBytes);
        }
        // Behind the quote, where there is one.
        text = _reader.ValueIsEscaped
            ? EventPiece.Made(Unescape())
            : EventPiece.Slice(
                (int)_reader.TokenStartIndex + (_reader.TokenType == JsonTokenType.String ? 1 : 0),
                raw.Length
            );
        return (text.Length >= 1 && text.Length <= maxBytes) || BadLength(maxBytes);
    }

    private readonly byte[] Unescape()
    {
        Span<byte> unescaped = stackalloc byte[MaxEscapedBytes];
        return unescaped[.._reader.CopyString(unescaped)].ToArray();
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
                return Fail(
                    EventReason.BadTime,
                    "The time is neither an integer of milliseconds since 1970 nor an RFC 3339 date-time."
                );
            default:
                return Fail(EventReason.WrongType, "An integer or a string is expected.");
        }
        _error = refused.GetValueOrDefault();
        return refused is null;
    }

    private bool Skip()
    {
        var depth = _reader.CurrentDepth;
        while (
            _reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray || _reader.CurrentDepth > depth
        )
        {
            if (_reader.CurrentDepth >= EventLimits.MaxDepth)
            {
                return Fail(EventReason.TooDeep, $"The record is nested deeper than {EventLimits.MaxDepth}.");
            }
            _reader.Read();
        }
        return true;
    }

    private bool BadLength(int maxBytes) =>
        Fail(EventReason.BadLength, $"The text must have 1 to {maxBytes} UTF-8 bytes.");

    private bool Fail(EventReason reason, string message)
    {
        _error = new(reason, Field, message);
        return false;
    }
}
