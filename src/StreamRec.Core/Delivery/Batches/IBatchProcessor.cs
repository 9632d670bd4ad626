using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Batches;

/// <summary>Turns records and states into new states and lists. Knows nothing of claims and offsets.</summary>
public interface IBatchProcessor
{
    /// <summary>Makes an empty batch for a partition. From any thread.</summary>
    PartitionBatch Open(PartitionIdentity partition);
}

/// <summary>What came of a batch.</summary>
/// <param name="Writes">New states and lists, each user at most once; their memory is the batch's.</param>
/// <param name="DeadLetters">What could not be processed: acknowledged before the batch is written.</param>
public sealed record BatchResult(IReadOnlyList<UserWrite> Writes, IReadOnlyList<DeadLetter> DeadLetters)
{
    public static readonly BatchResult Empty = new([], []);
}
