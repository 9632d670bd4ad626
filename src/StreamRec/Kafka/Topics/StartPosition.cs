using System.Globalization;
using StreamRec.Events;

namespace StreamRec.Kafka.Topics;

/// <summary>
/// Where a group that never ran begins: <c>--from earliest|latest|TIME</c>. The default value is earliest.
/// </summary>
internal readonly record struct StartPosition
{
    private StartPosition(bool latest, DateTimeOffset? time) => (Latest, Time) = (latest, time);

    public bool Latest { get; }

    /// <summary>Begin at the first record that is not older; null where no time was given.</summary>
    public DateTimeOffset? Time { get; }

    /// <exception cref="StreamRecException">The text is none of the three, or could mean two times.</exception>
    /// <param name="option">Where the text was given.</param>
    public static StartPosition Parse(string text, string option = "--from") =>
        text switch
        {
            "earliest" => new(false, null),
            "latest" => new(true, null),
            _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) => ms switch
            {
                < EventLimits.MinTimeMs => throw Refused(
                    option,
                    text,
                    $"that looks like seconds; milliseconds are {ms}000"
                ),
                > EventLimits.MaxTimeMs => throw Refused(
                    option,
                    text,
                    "that looks like microseconds or finer; give milliseconds"
                ),
                _ => new(false, DateTimeOffset.FromUnixTimeMilliseconds(ms)),
            },
            _ when Rfc3339.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var ms) => new(
                false,
                DateTimeOffset.FromUnixTimeMilliseconds(ms)
            ),
            _ when DateTimeOffset.TryParseExact(
                    text,
                    s_inUtc,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out var time
                ) => new(false, time),
            _ => throw Refused(
                option,
                text,
                "give earliest, latest, or a time such as 2026-01-31T00:00:00Z, 2026-01-31 (UTC) or ms since 1970"
            ),
        };

    /// <summary>Year first, so that no day is a month.</summary>
    private static readonly string[] s_inUtc =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd HH:mm",
        "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-ddTHH:mm",
        "yyyy-MM-ddTHH:mm:ss",
    ];

    private static StreamRecException Refused(string option, string text, string advice) =>
        new($"{option} is '{Excerpt.Of(text)}': {advice}.", FaultKind.Usage);
}
