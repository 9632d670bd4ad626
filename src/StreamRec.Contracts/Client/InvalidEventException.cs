using StreamRec.Events;

namespace StreamRec.Client;

/// <summary>An event breaks the contract of schemas/event.md, and was not sent.</summary>
public sealed class InvalidEventException(EventError error) : Exception(error.ToString())
{
    /// <summary>Which rule, and of which field.</summary>
    public EventError Error { get; } = error;
}
