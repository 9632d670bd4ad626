using System.Globalization;

namespace StreamRec.Kafka.Topics;

/// <param name="Mend">The setting that removes it, as NAME=VALUE; null where it is not the topic's.</param>
/// <param name="Loses">Whether events are lost as things stand.</param>
internal sealed record TopicDoubt(string Topic, string Text, string? Mend, bool Loses);

/// <summary>What in a topic's own settings loses events, or lets one bad producer harm lists.</summary>
internal static class TopicDoubts
{
    /// <summary>A bound on timestamps that is worth the name.</summary>
    private static readonly TimeSpan s_boundedAhead = TimeSpan.FromDays(1);

    /// <summary>
    /// A worker that is away for longer than a topic keeps its records halts, and a restart alone can take minutes.
    /// </summary>
    private static readonly TimeSpan s_leastRetention = TimeSpan.FromHours(1);

    /// <inheritdoc cref="Found" path="/param"/>
    /// <returns>Each doubt in words.</returns>
    public static IEnumerable<string> Of(
        (string Topic, IReadOnlyDictionary<string, string>? Settings) events,
        (string Topic, IReadOnlyDictionary<string, string>? Settings) letters
    ) => Found(events, letters).Select(doubt => doubt.Text);

    /// <param name="events">The topic of events, and its settings; null where the broker, or this user's rights, do not
    /// tell.</param>
    /// <param name="letters">The dead-letter topic, likewise.</param>
    public static IEnumerable<TopicDoubt> Found(
        (string Topic, IReadOnlyDictionary<string, string>? Settings) events,
        (string Topic, IReadOnlyDictionary<string, string>? Settings) letters
    )
    {
        if (Compacts(events.Settings) is { } policy)
        {
            yield return new(
                events.Topic,
                $"topic '{events.Topic}' is compacted (cleanup.policy={policy}): Kafka deletes all but the "
                    + "newest event of each user, since the key is the user, and a worker that starts anew, or is "
                    + "behind, never sees the others. Set cleanup.policy=delete",
                "cleanup.policy=delete",
                Loses: true
            );
        }
        if (Compacts(letters.Settings) is { } lettersPolicy)
        {
            yield return new(
                letters.Topic,
                $"topic '{letters.Topic}' is compacted (cleanup.policy={lettersPolicy}): Kafka deletes all "
                    + "but the newest dead letter of each key. Set cleanup.policy=delete",
                "cleanup.policy=delete",
                Loses: true
            );
        }
        if (
            Milliseconds(events.Settings, "retention.ms") is { } kept
            && kept >= 0
            && kept < s_leastRetention.TotalMilliseconds
        )
        {
            yield return new(
                events.Topic,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"topic '{events.Topic}' keeps records for {kept / 60_000.0:0.#} minutes (retention.ms={kept}): "
                        + $"what a worker that is away for longer has not worked is lost. Keep them for days"
                ),
                "retention.ms=604800000",
                Loses: false
            );
        }
        if (events.Settings is null)
        {
            yield return new(
                events.Topic,
                $"this user may not see the settings of topic '{events.Topic}' (DescribeConfigs), so it could "
                    + "not be checked that they lose no event (cleanup.policy=delete) and bound timestamps "
                    + "(message.timestamp.type, message.timestamp.after.max.ms)",
                null,
                Loses: false
            );
        }
        else if (!BoundsTimestamps(events.Settings))
        {
            yield return new(
                events.Topic,
                $"topic '{events.Topic}' does not bound its records' timestamps: one producer with a wrong "
                    + "clock could stamp events far ahead. Set message.timestamp.type=LogAppendTime, or "
                    + "message.timestamp.after.max.ms to an hour",
                "message.timestamp.type=LogAppendTime",
                Loses: false
            );
        }
    }

    private static string? Compacts(IReadOnlyDictionary<string, string>? settings) =>
        settings?.GetValueOrDefault("cleanup.policy") is { } policy
        && policy.Contains("compact", StringComparison.Ordinal)
            ? policy
            : null;

    private static bool BoundsTimestamps(IReadOnlyDictionary<string, string> settings) =>
        settings.GetValueOrDefault("message.timestamp.type") == "LogAppendTime"
        || Milliseconds(settings, "message.timestamp.after.max.ms") <= s_boundedAhead.TotalMilliseconds;

    private static long? Milliseconds(IReadOnlyDictionary<string, string>? settings, string name) =>
        long.TryParse(
            settings?.GetValueOrDefault(name),
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var ms
        )
            ? ms
            : null;
}
