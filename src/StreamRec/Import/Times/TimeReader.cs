using System.Globalization;
using StreamRec.Events;

namespace StreamRec.Import.Times;

/// <summary>How times stand in a file, as far as its user says so.</summary>
/// <param name="Unit">Of numbers.</param>
/// <param name="Zone">Of dates that name none; null: UTC.</param>
/// <param name="Pattern">Of dates, in .NET's letters; null: those that can be told.</param>
/// <param name="StartMs">What numbers count from, and where times that are made up begin, in ms since 1970; null: 1970,
/// and 2000.</param>
internal sealed record TimeOptions(
    TimeUnit Unit = TimeUnit.Auto,
    LocalZone? Zone = null,
    TimePattern? Pattern = null,
    long? StartMs = null
);

/// <summary>
/// Times as they stand in foreign files. What could be two times is none: it is refused with the option that decides.
/// </summary>
internal sealed class TimeReader(TimeOptions options)
{
    private readonly LocalZone _zone = options.Zone ?? LocalZone.Utc;

    /// <summary>Whether any time so far was one of the zone's clock.</summary>
    public bool UsedZone { get; private set; }

    /// <summary>
    /// How many times so far were of an hour that the zone's clock showed twice; the first of the two was taken.
    /// </summary>
    public long Twice { get; private set; }

    /// <param name="ms">Milliseconds since 1970, within the event contract.</param>
    /// <param name="problem">What to tell where the answer is false; led by the text.</param>
    public bool TryRead(ReadOnlySpan<byte> text, out long ms, out string problem)
    {
        text = text.Trim(" \t"u8);
        problem = "";
        ms = 0;
        var told =
            options.Pattern is { } pattern ? Patterned(text, pattern, out ms)
            : TimeNumbers.IsNumber(text, out var number) ? Numbered(text, number, out ms)
            : Dated(text, out ms);
        if (told is null && ms is < EventLimits.MinTimeMs or > EventLimits.MaxTimeMs)
        {
            told =
                $"is {Moment(ms)}, and events lie between 1973-03-03 and 5138-11-16"
                + (
                    options.StartMs is null && ms is >= 0 and < EventLimits.MinTimeMs
                        ? ": is it counted from another " + "moment than 1970? --start gives it"
                        : ""
                );
        }
        if (told is null)
        {
            return true;
        }
        problem = text.IsEmpty ? "there is no time" : $"the time '{Excerpt.Of(text)}' {told}";
        return false;
    }

    private string? Patterned(ReadOnlySpan<byte> text, TimePattern pattern, out long ms) =>
        !pattern.TryRead(System.Text.Encoding.UTF8.GetString(text), out var local, out ms)
            ? "is not of " + $"--time-pattern {pattern.Text}"
        : local is { } clock ? Zoned(clock, out ms)
        : null;

    private string? Numbered(ReadOnlySpan<byte> text, decimal number, out long ms) =>
        TimeNumbers.Read(text, number, options.Unit, options.StartMs, out ms, out var local)
        ?? (local is { } clock ? Zoned(clock, out ms) : null);

    private string? Dated(ReadOnlySpan<byte> text, out long ms) =>
        DateText.TryRead(text, out var local, out var offset)
            ? offset is null
                ? Zoned(local, out ms)
                : Offset(local, offset.Value, out ms)
            : No(out ms, "cannot be read: give --time-pattern, such as dd/MM/yyyy HH:mm:ss");

    private string? Zoned(DateTime local, out long ms)
    {
        UsedZone = true;
        if (!_zone.TryToUtc(local, out ms, out var twice))
        {
            return $"was on no clock of {_zone.Name}: it lies in the hour that is left out as summer begins. Is the "
                + "zone right?";
        }
        Twice += twice ? 1 : 0;
        return null;
    }

    private static string? Offset(DateTime local, TimeSpan offset, out long ms)
    {
        ms = (local.Ticks - DateTime.UnixEpoch.Ticks - offset.Ticks) / TimeSpan.TicksPerMillisecond;
        return null;
    }

    private static string No(out long ms, string why)
    {
        ms = 0;
        return why;
    }

    private static string Moment(long ms) =>
        ms is > -62_135_596_800_000 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
            : "far from any date";
}
