using StreamRec.Events;

namespace StreamRec.DeadLetters;

/// <summary>What becomes of a letter in a replay.</summary>
/// <param name="Skipped">Why it is not published; null where it is.</param>
internal readonly record struct ReplayVerdict(string? Skipped, byte[] Key, long TimestampMs);

/// <summary>
/// Decides which letters a replay publishes, under which key and time: those that would not come straight back.
/// </summary>
internal sealed record ReplayRule(string Topic, bool All, TimeSpan MaxAhead)
{
    /// <summary>Why letters are skipped: stable texts, which JSON holds.</summary>
    public const string OtherTopic = "other_topic",
        Cut = "cut",
        ComesBack = "comes_back",
        Already = "already_replayed";

    private static readonly string s_stray = EventReason.StrayPartition.Code(),
        s_key = EventReason.KeyMismatch.Code(),
        s_ahead = EventReason.TimeAhead.Code(),
        s_noTime = EventReason.RecordTimeMissing.Code();

    /// <summary>
    /// The reasons that replaying itself cures: by the partition, the key or the time of the new record.
    /// </summary>
    public static IReadOnlyList<string> Cured { get; } = [s_stray, s_key, s_ahead, s_noTime];

    public ReplayVerdict Of(Letter letter, long nowMs)
    {
        if (letter.Source.Topic != Topic)
        {
            return Skip(OtherTopic);
        }
        if (letter.IsCut)
        {
            return Skip(Cut);
        }
        var isEvent = EventJson.TryParse(letter.Value.AsSpan(), out var click, out _);
        // Its time is checked against the record's: the new record's is now where the old one's did not do.
        var time =
            letter.Reason == s_ahead || letter.Reason == s_noTime || letter.TimestampMs < 0
                ? nowMs
                : letter.TimestampMs;
        var fits = isEvent && EventTime.Check(click.TimeMs, time, MaxAhead) is null;
        return All || (fits && Cured.Contains(letter.Reason))
            ? new(null, isEvent ? System.Text.Encoding.UTF8.GetBytes(click.UserId) : letter.Key, time)
            : Skip(ComesBack);
    }

    private static ReplayVerdict Skip(string why) => new(why, [], 0);
}
