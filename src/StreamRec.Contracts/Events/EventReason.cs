namespace StreamRec.Events;

/// <summary>
/// Why a record is no event. The texts of <see cref="EventReasons.Code"/> stand in dead letters: append only.
/// </summary>
public enum EventReason
{
    /// <summary>It is one.</summary>
    None = 0,

    /// <summary>No bytes: a null or empty Kafka value.</summary>
    Empty,

    /// <summary>More bytes than <see cref="EventLimits.MaxRecordBytes"/>.</summary>
    RecordTooLarge,

    /// <summary>Starts with a byte order mark.</summary>
    ByteOrderMark,

    /// <summary>Bytes, or escapes, that are not valid UTF-8 text.</summary>
    BadUtf8,

    /// <summary>Not JSON, cut short, or followed by something else.</summary>
    MalformedJson,

    /// <summary>Nested deeper than <see cref="EventLimits.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>JSON, but not an object.</summary>
    NotAnObject,

    /// <summary>The same field twice.</summary>
    DuplicateField,

    /// <summary>A required field is absent.</summary>
    MissingField,

    /// <summary>A field of another type than the contract's.</summary>
    WrongType,

    /// <summary>A text, or an array, shorter or longer than allowed.</summary>
    BadLength,

    /// <summary>A time that is neither an integer of 64 bits nor RFC 3339.</summary>
    BadTime,

    /// <summary>An RFC 3339 time outside 1973-03-03 … 5138-11-16, or a negative number.</summary>
    TimeOutOfRange,

    /// <summary>A number from 0 to below 1e11: seconds, most likely.</summary>
    TimeInSeconds,

    /// <summary>A number above 1e14: microseconds or finer, most likely.</summary>
    TimeInMicroseconds,

    /// <summary>Further ahead of its record's timestamp than the allowed skew.</summary>
    TimeAhead,

    /// <summary>The Kafka record carries no timestamp to check against.</summary>
    RecordTimeMissing,

    /// <summary>The same event id with another time inside the user's window.</summary>
    IdConflict,

    /// <summary>The Kafka key is not the event's user id.</summary>
    KeyMismatch,

    /// <summary>The record's partition is not the one that the user's key hashes to.</summary>
    StrayPartition,

    /// <summary>A number that is smaller or larger than allowed.</summary>
    OutOfRange,
}

/// <summary>The reasons' stable texts.</summary>
public static class EventReasons
{
    /// <summary>The reason as written in dead letters and metrics: lower-case words joined by underscores.</summary>
    public static string Code(this EventReason reason) =>
        reason switch
        {
            EventReason.None => "none",
            EventReason.Empty => "empty",
            EventReason.RecordTooLarge => "record_too_large",
            EventReason.ByteOrderMark => "byte_order_mark",
            EventReason.BadUtf8 => "bad_utf8",
            EventReason.MalformedJson => "malformed_json",
            EventReason.TooDeep => "too_deep",
            EventReason.NotAnObject => "not_an_object",
            EventReason.DuplicateField => "duplicate_field",
            EventReason.MissingField => "missing_field",
            EventReason.WrongType => "wrong_type",
            EventReason.BadLength => "bad_length",
            EventReason.BadTime => "bad_time",
            EventReason.TimeOutOfRange => "time_out_of_range",
            EventReason.TimeInSeconds => "time_in_seconds",
            EventReason.TimeInMicroseconds => "time_in_microseconds",
            EventReason.TimeAhead => "time_ahead",
            EventReason.RecordTimeMissing => "record_time_missing",
            EventReason.IdConflict => "id_conflict",
            EventReason.KeyMismatch => "key_mismatch",
            EventReason.StrayPartition => "stray_partition",
            EventReason.OutOfRange => "out_of_range",
            _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
        };
}
