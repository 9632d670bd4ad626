using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;

namespace StreamRec.Delivery.Worker;

/// <summary>What surrounds a partition.</summary>
/// <param name="Random">Jitter of delays only.</param>
public sealed record PartitionPorts(
    IStateStore Store,
    ILogControl Log,
    IBatchProcessor Processor,
    IDeadLetters DeadLetters,
    TimeProvider Time,
    Random Random
);
