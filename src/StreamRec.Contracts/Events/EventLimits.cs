namespace StreamRec.Events;

/// <summary>The bounds of the event contract, schemas/event.md.</summary>
public static class EventLimits
{
    /// <summary>The largest record, in bytes of JSON.</summary>
    public const int MaxRecordBytes = 64 * 1024;

    /// <summary>The longest event, user, item or session id, in UTF-8 bytes; the shortest is 1.</summary>
    public const int MaxIdBytes = 128;

    /// <summary>The longest type, in UTF-8 bytes; the shortest is 1.</summary>
    public const int MaxTypeBytes = 32;

    /// <summary>
    /// The longest name of a list or model in <see cref="Shown"/>, in UTF-8 bytes; the shortest is 1.
    /// </summary>
    public const int MaxNameBytes = 64;

    /// <summary>The most segments of an event.</summary>
    public const int MaxSegments = 4;

    /// <summary>The longest segment, in UTF-8 bytes; the shortest is 1.</summary>
    public const int MaxSegmentBytes = 64;

    /// <summary>The last place in a list that <see cref="Shown"/> may name; the first is 1.</summary>
    public const int MaxPosition = 10_000;

    /// <summary>The deepest nesting of arrays and objects, the event itself being the first.</summary>
    public const int MaxDepth = 16;

    /// <summary>
    /// The earliest time, 1973-03-03T09:46:40Z in milliseconds; smaller numbers are taken for seconds.
    /// </summary>
    public const long MinTimeMs = 100_000_000_000;

    /// <summary>
    /// The latest time, 5138-11-16T09:46:40Z in milliseconds; larger numbers are taken for microseconds.
    /// </summary>
    public const long MaxTimeMs = 100_000_000_000_000;
}
