using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Ports;

/// <summary>Keeps what cannot be processed.</summary>
public interface IDeadLetters
{
    /// <summary>
    /// Returns when all letters are acknowledged. If it throws, the partition waits and calls again with all of them:
    /// dead letters are at least once, keyed by (topic UUID, partition, offset).
    /// </summary>
    Task PublishAsync(PartitionIdentity partition, IReadOnlyList<DeadLetter> letters, CancellationToken cancel);
}

/// <summary>A record that could not be processed, and why.</summary>
/// <param name="Reason">A stable code of schemas/dead-letter.md, such as <c>malformed_json</c>.</param>
public readonly record struct DeadLetter(LogRecord Record, string Reason, string Message);
