using System.Globalization;

namespace StreamRec.Import.Times;

/// <summary>The zone of clocks whose times do not name one.</summary>
internal sealed class LocalZone
{
    public static readonly LocalZone Utc = new("UTC", TimeZoneInfo.Utc);

    private readonly TimeZoneInfo _zone;

    private LocalZone(string name, TimeZoneInfo zone) => (Name, _zone) = (name, zone);

    public string Name { get; }

    /// <param name="text">UTC, a name such as Europe/Berlin, or an offset such as +02:00.</param>
    /// <exception cref="StreamRecException">It is none.</exception>
    public static LocalZone Parse(string text)
    {
        if (text is "UTC" or "Z")
        {
            return Utc;
        }
        if (text.Length > 1 && text[0] is '+' or '-')
        {
            string[] forms = ["hh\\:mm", "hhmm", "hh"];
            return
                TimeSpan.TryParseExact(text[1..], forms, CultureInfo.InvariantCulture, out var offset)
                && offset <= TimeSpan.FromHours(14)
                ? new(text, TimeZoneInfo.CreateCustomTimeZone(text, text[0] == '-' ? -offset : offset, text, text))
                : throw new StreamRecException($"--zone is '{text}': give an offset as +02:00.", FaultKind.Usage);
        }
        return TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone)
            ? new(text, zone)
            : throw new StreamRecException(
                $"--zone is '{text}', which this machine does not know: give a name such as Europe/Berlin (they come "
                    + "with the system's tzdata), "
                    + "or an offset such as +02:00.",
                FaultKind.Usage
            );
    }

    /// <param name="ms">Milliseconds since 1970; the first of two, where the clock showed the time twice.</param>
    /// <returns>False if the clock never showed it.</returns>
    public bool TryToUtc(DateTime local, out long ms, out bool twice)
    {
        ms = 0;
        twice = false;
        var offset = TimeSpan.Zero;
        if (_zone != TimeZoneInfo.Utc)
        {
            if (_zone.IsInvalidTime(local))
            {
                return false;
            }
            twice = _zone.IsAmbiguousTime(local);
            offset = twice ? _zone.GetAmbiguousTimeOffsets(local).Max() : _zone.GetUtcOffset(local);
        }
        ms = (local.Ticks - DateTime.UnixEpoch.Ticks - offset.Ticks) / TimeSpan.TicksPerMillisecond;
        return true;
    }
}
