namespace StreamRec.Delivery.Ports;

/// <summary>One record of a partition's log, as the consumer got it.</summary>
/// <param name="Epoch">The leader epoch; -1 where the client does not tell.</param>
/// <param name="TimestampMs">The record's own time, in milliseconds since 1970-01-01T00:00:00Z.</param>
public readonly record struct LogRecord(
    long Offset,
    int Epoch,
    long TimestampMs,
    ReadOnlyMemory<byte> Key,
    ReadOnlyMemory<byte> Value
);
