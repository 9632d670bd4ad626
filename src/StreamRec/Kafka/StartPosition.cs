using System.Globalization;

namespace StreamRec.Kafka;

/// <summary>Where a group that never ran begins: <c>--from earliest|latest|TIME</c>. The default value is earliest.</summary>
internal readonly record struct StartPosition
{
    private StartPosition(bool latest, DateTimeOffset? time) => (Latest, Time) = (latest, time);

    public bool Latest { get; }

    /// <summary>Begin at the first record that is not older; null where no time was given.</summary>
    public DateTimeOffset? Time { get; }

    /// <exception cref="StreamRecException">The text is none of the three.</exception>
    public static StartPosition Parse(string text) => text switch
    {
        "earliest" => new(false, null),
        "latest" => new(true, null),
        _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms <= 253402300799999 =>
            new(false, DateTimeOffset.FromUnixTimeMilliseconds(ms)),
        _ when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) =>
            new(false, time),
        _ => throw new StreamRecException(
            $"--from is '{text}': give earliest, latest, or a time such as 2026-01-31T00:00:00Z or ms since 1970.", ExitCode.Usage),
    };
}
