using StreamRec.Events;

namespace StreamRec.Input;

/// <summary>
/// Events that a command reads from beginning to end: a file, or a topic. What is no event is told on stderr, and
/// counted.
/// </summary>
internal interface IEventSource
{
    /// <summary>What held no event, so far.</summary>
    long Bad { get; }

    /// <summary>The events. Once.</summary>
    IEnumerable<ClickEvent> Events();
}
