using System.Globalization;

namespace StreamRec.Import.Rows;

/// <summary>Times and users of a format that has none, counted in the file's order.</summary>
internal static class MadeUp
{
    /// <summary>2000-01-01T00:00:00Z, the time of the first event if --start gives no other.</summary>
    public const long UsualStartMs = 946_684_800_000;

    /// <summary>Between one event and the next.</summary>
    public const long StepMs = 1_000;

    /// <param name="number">From 0.</param>
    public static long Time(long? startMs, long number) => (startMs ?? UsualStartMs) + number * StepMs;

    /// <summary>
    /// A user for each sequence of a file. What tells them from other files' users comes in front of it.
    /// </summary>
    /// <param name="number">From 1.</param>
    public static string UserId(long number) => number.ToString("D9", CultureInfo.InvariantCulture);
}
