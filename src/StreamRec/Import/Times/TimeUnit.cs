namespace StreamRec.Import.Times;

/// <summary>How a file's numbers count time.</summary>
internal enum TimeUnit
{
    /// <summary>
    /// By size: up to 1e11 seconds, up to 1e14 milliseconds, up to 1e17 microseconds, above that nanoseconds. Whole
    /// numbers of 8, 12, 14 or 17 digits that are a date (20251101, 20251101100000) are that.
    /// </summary>
    Auto,
    Days,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}
