using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamRec.Settings;

/// <summary>
/// Durations as settings give them: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>12h</c>, <c>30d</c>, or <c>hh:mm:ss.fff</c>
/// with days and a point before it. A number without a unit is none, but for 0.
/// </summary>
public static partial class Duration
{
    private const double MostDays = 100_000;

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        text = text.Trim();
        if (text == "0")
        {
            return true;
        }
        if (WithUnit().Match(text) is { Success: true } match)
        {
            var day = TimeSpan.FromDays(1).TotalSeconds;
            var seconds =
                double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
                * match.Groups[2].Value switch
                {
                    "ms" => 1e-3,
                    "s" => 1,
                    "m" => 60,
                    "h" => 3600,
                    _ => day,
                };
            duration = seconds <= MostDays * day ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
            return seconds <= MostDays * day;
        }
        if (Clock().Match(text) is not { Success: true } clock)
        {
            return false;
        }
        int Part(int group) =>
            clock.Groups[group].Success ? int.Parse(clock.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var fraction = clock.Groups[5].Success
            ? double.Parse($"0{clock.Groups[5].ValueSpan}", CultureInfo.InvariantCulture)
            : 0;
        duration = new TimeSpan(Part(1), Part(2), Part(3), Part(4)) + TimeSpan.FromSeconds(fraction);
        return Part(3) < 60 && Part(4) < 60 && (Part(2) < 24 || !clock.Groups[1].Success);
    }

    /// <summary>The shortest form.</summary>
    public static string Show(TimeSpan duration) =>
        duration switch
        {
            { Ticks: 0 } => "0",
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerDay == 0 => $"{ticks / TimeSpan.TicksPerDay}d",
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerHour == 0 => $"{ticks / TimeSpan.TicksPerHour}h",
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerMinute == 0 => $"{ticks / TimeSpan.TicksPerMinute}m",
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerSecond == 0 => $"{ticks / TimeSpan.TicksPerSecond}s",
            { Ticks: var ticks } when ticks % TimeSpan.TicksPerMillisecond == 0 =>
                $"{ticks / TimeSpan.TicksPerMillisecond}ms",
            _ => duration.ToString("c", CultureInfo.InvariantCulture),
        };

    [GeneratedRegex(@"^(\d{1,9}(?:\.\d{1,2})?) ?(ms|s|m|h|d)$")]
    private static partial Regex WithUnit();

    [GeneratedRegex(@"^(?:(\d{1,5})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d{1,7})?$")]
    private static partial Regex Clock();
}
