using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Delivery.Ports;

/// <summary>
/// What a partition asks of the log's consumer. Called from the partition's loop, so nothing here may block.
/// </summary>
/// <remarks>
/// The consumer feeds <see cref="PartitionWorker.Deliver"/> and its siblings with the session of the last seek.
/// </remarks>
public interface ILogControl
{
    /// <summary>
    /// Has the partition assigned at exactly <paramref name="start"/> by the polling thread, later. What is delivered
    /// from then on carries <paramref name="session"/>; what was fetched before is discarded by the worker.
    /// </summary>
    void Seek(PartitionIdentity partition, LogPosition start, int session);

    /// <summary>
    /// Marks all below <paramref name="to"/> as done, for Kafka's committed offset. Does nothing if unassigned.
    /// </summary>
    void StoreOffset(PartitionIdentity partition, LogPosition to);

    /// <summary>Whether the partition is this consumer's now: asked before a claim is repeated.</summary>
    bool IsAssigned(PartitionIdentity partition);

    /// <summary>
    /// Asks the broker what offsets from <paramref name="from"/> until <paramref name="to"/>, exclusive, hold.
    /// </summary>
    Task<GapAnswer> CheckGapAsync(PartitionIdentity partition, LogPosition from, long to, CancellationToken cancel);

    /// <summary>
    /// Where a group that never committed anything starts; null if it did commit, so this is no first start.
    /// </summary>
    Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel);
}
