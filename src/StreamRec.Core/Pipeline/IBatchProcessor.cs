namespace StreamRec.Pipeline;

/// <summary>Turns records and states into new states and lists. Knows nothing of claims and offsets.</summary>
public interface IBatchProcessor
{
    /// <summary>
    /// The users whose states the records need: distinct, in a fixed order. Poison records and strays have none.
    /// Called once for a batch, before <see cref="ProcessAsync"/>; keeps nothing.
    /// </summary>
    IReadOnlyList<string> Prepare(PartitionIdentity partition, IReadOnlyList<LogRecord> records);

    /// <summary>
    /// Computes a batch. Must depend on nothing but its arguments and the model. What poisons a record becomes a dead
    /// letter; an exception halts the partition. Without records the users' lists are computed again from their states.
    /// </summary>
    /// <param name="batch">The records, users and states, valid until the task ends.</param>
    ValueTask<BatchResult> ProcessAsync(Batch batch, CancellationToken cancel);
}

/// <summary>A batch of one partition. Claim and generation are for naming what a list includes, no more.</summary>
/// <param name="Users">As <see cref="IBatchProcessor.Prepare"/> gave them.</param>
/// <param name="States">The state of each of <paramref name="Users"/>; null where there is none.</param>
public sealed record Batch(
    PartitionIdentity Partition, Claim Claim, int Generation, IReadOnlyList<LogRecord> Records, IReadOnlyList<string> Users,
    IReadOnlyList<ReadOnlyMemory<byte>?> States);

/// <summary>What came of a batch.</summary>
/// <param name="Writes">New states and lists, each user at most once. Their memory is kept in the cache: do not reuse it.</param>
/// <param name="DeadLetters">What could not be processed: acknowledged before the batch is written.</param>
public sealed record BatchResult(IReadOnlyList<UserWrite> Writes, IReadOnlyList<DeadLetter> DeadLetters);
