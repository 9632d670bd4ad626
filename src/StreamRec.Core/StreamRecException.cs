namespace StreamRec;

/// <summary>
/// A fault that a user can mend: the message names the thing and the next thing to do. Shown without a stack trace.
/// </summary>
public sealed class StreamRecException(string message, FaultKind kind, Exception? inner = null)
    : Exception(message, inner)
{
    public FaultKind Kind { get; } = kind;

    /// <summary>Whether the same may succeed a little later: nobody answered, rather than somebody refused.</summary>
    public bool Transient { get; init; }
}
