namespace StreamRec.Delivery.Protocol;

/// <summary>Which partition, of which incarnation of a topic, worked by which consumer group.</summary>
/// <param name="PartitionCount">Partitions of the topic: pinned, since another count would give a user two
/// owners.</param>
public sealed record PartitionIdentity(string Topic, int Partition, string TopicUuid, int PartitionCount, string Group);

/// <summary>
/// A place in a partition's log: the next offset, and the leader epoch of the record before it (-1: unknown).
/// </summary>
public readonly record struct LogPosition(long Offset, int Epoch);

/// <summary>Where the store is with a partition: what a step is written to, and what was read belongs to.</summary>
/// <param name="Offset">The next offset <c>n</c>.</param>
/// <param name="Seq">How many steps its owners have written: it orders those that leave <c>n</c> where it is.</param>
public readonly record struct StorePlace(long Offset, long Seq);

/// <summary>
/// Ownership of a partition. <paramref name="Number"/> only grows; <paramref name="Id"/> is fresh for every claim.
/// </summary>
public readonly record struct Claim(long Number, Guid Id);
