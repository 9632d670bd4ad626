using System.CommandLine;
using StreamRec.Input;

namespace StreamRec.Options;

/// <summary>
/// The options of a command that reads events: <c>--events FILE</c>, or <c>--topic T --bootstrap …</c>.
/// </summary>
internal sealed class EventSourceOptions
{
    private readonly Option<string?> _events = new("--events")
    {
        Description = "File of events, one JSON object a line.",
    };
    private readonly Option<string?> _topic = new("--topic")
    {
        Description = "Kafka topic instead, read from its beginning to its end.",
    };
    private readonly Option<string?> _bootstrap = SharedOptions.Bootstrap();
    private readonly Option<string[]> _set = SharedOptions.Set();

    public void AddTo(Command command)
    {
        command.Add(_events);
        command.Add(_topic);
        command.Add(_bootstrap);
        command.Add(_set);
    }

    /// <exception cref="StreamRecException">Neither is given, or both are.</exception>
    public IEventSource Open(ParseResult parsed, CancellationToken cancel) =>
        (parsed.GetValue(_events), parsed.GetValue(_topic)) switch
        {
            ({ } file, null) => new EventFile(file),
            (null, { } topic) => new EventTopic(
                SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, _set, _bootstrap)).KafkaSettings(),
                topic,
                cancel
            ),
            _ => throw new StreamRecException(
                "Give --events FILE, or --topic TOPIC with --bootstrap.",
                FaultKind.Usage
            ),
        };
}
