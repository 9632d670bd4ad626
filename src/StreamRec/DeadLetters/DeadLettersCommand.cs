using System.CommandLine;
using StreamRec.Kafka.Topics;
using StreamRec.Options;

namespace StreamRec.DeadLetters;

/// <summary>`streamrec dead-letters`: what could not be used, and what can be used after all.</summary>
internal static class DeadLettersCommand
{
    public static Command Create() =>
        new("dead-letters", "List, show and replay what could not be used (docs/dead-letters.md).")
        {
            ListCommand.Create(),
            ShowCommand.Create(),
            ReplayCommand.Create(),
        };

    public static Option<string[]> Reason() =>
        new("--reason") { Description = "Letters of this reason alone (schemas/dead-letter.md); may be repeated." };

    public static Option<string?> Since() =>
        new("--since")
        {
            Description =
                "Letters written since then alone: a time such as 2026-01-31T00:00:00Z, or a duration: 2h, 7d.",
        };

    /// <exception cref="StreamRecException">It is neither a time nor a duration.</exception>
    public static DateTimeOffset? SinceOf(string? text, TimeProvider time) =>
        text is null ? null
        : Settings.Duration.TryParse(text, out var ago) ? time.GetUtcNow() - ago
        : StartPosition.Parse(text, "--since").Time
            ?? throw new StreamRecException(
                $"--since is '{text}': give a time such as 2026-01-31T00:00:00Z, or a duration such as 2h.",
                FaultKind.Usage
            );

    /// <summary>Of the settings of the place, those of the topic alone.</summary>
    public static Option<string?>[] Topic() =>
        [
            .. new[]
            {
                nameof(WorkOptions.Topic),
                nameof(WorkOptions.Bootstrap),
                nameof(WorkOptions.DeadLetterTopic),
            }.Select(setting => SharedOptions.Of(setting, new WorkOptions())),
        ];

    /// <exception cref="StreamRecException">No topic is given.</exception>
    public static WorkOptions Read(ParseResult parsed, Option<string[]> set, Option<string?>[] place)
    {
        var options = SettingsReader.Read<WorkOptions>(SharedOptions.Given(parsed, set, place));
        return options.Topic.Length > 0 || options.DeadLetterTopic.Length > 0
            ? options
            : throw new StreamRecException("--topic is missing: give the topic of events.", FaultKind.Usage);
    }
}
