using System.Globalization;

namespace StreamRec.Import;

/// <summary>What a format lacks, made up in order and zero-padded, so that it sorts as the file does.</summary>
internal static class MadeUp
{
    /// <summary>2000-01-01T00:00:00Z, the time of the first event; each further one is a second later.</summary>
    private const long FirstMs = 946_684_800_000;

    private const long StepMs = 1_000;

    /// <param name="number">From 0.</param>
    public static long Time(long number) => FirstMs + number * StepMs;

    /// <param name="number">From 1.</param>
    public static string EventId(long number) => number.ToString("D12", CultureInfo.InvariantCulture);

    /// <summary>A user for each session or sequence.</summary>
    /// <param name="number">From 1.</param>
    public static string UserId(long number) => number.ToString("D9", CultureInfo.InvariantCulture);
}
