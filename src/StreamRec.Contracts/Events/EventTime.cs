namespace StreamRec.Events;

/// <summary>Checks of an event's time against its Kafka record; the worker's own clock decides nothing.</summary>
public static class EventTime
{
    /// <summary>
    /// Refuses an event whose time lies more than <paramref name="maxAhead"/> after its record's timestamp.
    /// </summary>
    /// <param name="timeMs">The event's time, in milliseconds since 1970.</param>
    /// <param name="recordTimestampMs">The Kafka record's timestamp, in milliseconds since 1970; negative means
    /// none.</param>
    /// <param name="maxAhead">The allowed skew, not negative. An event exactly that far ahead is accepted.</param>
    /// <returns>Null if the event is accepted. A replay of the same record gives the same answer.</returns>
    public static EventError? Check(long timeMs, long recordTimestampMs, TimeSpan maxAhead)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAhead, TimeSpan.Zero);
        if (recordTimestampMs < 0)
        {
            return new(
                EventReason.RecordTimeMissing,
                "ts",
                "The Kafka record has no timestamp to check the event's time against."
            );
        }
        var ahead = (Int128)timeMs - recordTimestampMs;
        return ahead <= (Int128)maxAhead.TotalMilliseconds
            ? null
            : new(
                EventReason.TimeAhead,
                "ts",
                $"The event is {ahead} ms ahead of its Kafka record; {(long)maxAhead.TotalMilliseconds} ms are allowed."
            );
    }

    /// <summary>Refuses times outside the contract's range, and says which unit a number looks like.</summary>
    internal static EventError? CheckNumber(long ms) =>
        ms switch
        {
            < 0 => OutOfRange,
            < EventLimits.MinTimeMs => new(
                EventReason.TimeInSeconds,
                "ts",
                "The time looks like seconds; milliseconds since 1970 are expected."
            ),
            > EventLimits.MaxTimeMs => new(
                EventReason.TimeInMicroseconds,
                "ts",
                "The time looks like microseconds or finer; milliseconds since 1970 are expected."
            ),
            _ => null,
        };

    internal static EventError OutOfRange =>
        new(EventReason.TimeOutOfRange, "ts", "The time is not between 1973-03-03 and 5138-11-16.");
}
