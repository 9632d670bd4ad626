namespace StreamRec.Client;

/// <summary>A list could not be read, and the reader was told to throw then.</summary>
/// <param name="reason">Which way.</param>
/// <param name="inner">What the connection says.</param>
public sealed class ListReadException(ListReason reason, Exception? inner)
    : Exception(
        reason == ListReason.TimedOut
            ? "Redis did not answer in time."
            : "Redis cannot be reached, or refuses: see the inner exception.",
        inner
    )
{
    /// <summary><see cref="ListReason.TimedOut"/> or <see cref="ListReason.Unreachable"/>.</summary>
    public ListReason Reason { get; } = reason;
}
