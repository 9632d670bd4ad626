using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>A stopped partition: which, why, and what was found.</summary>
/// <param name="At">Where the partition stood.</param>
/// <param name="Mismatch">What the store refused, for the reasons that come from it.</param>
/// <param name="Error">Why a batch could not be computed.</param>
public sealed record PartitionHalt(
    PartitionIdentity Partition,
    HaltReason Reason,
    LogPosition At,
    ClaimAnswer.Mismatch? Mismatch = null,
    Exception? Error = null
);
