namespace StreamRec.Delivery.Protocol;

/// <summary>Which partition, of which incarnation of a topic, worked by which consumer group.</summary>
/// <param name="PartitionCount">Partitions of the topic: pinned, since another count would give a user two
/// owners.</param>
public sealed record PartitionIdentity(string Topic, int Partition, string TopicUuid, int PartitionCount, string Group);

/// <summary>
/// A place in a partition's log: the next offset, and the leader epoch of the record before it (-1: unknown).
/// </summary>
public readonly record struct LogPosition(long Offset, int Epoch);

/// <summary>
/// Ownership of a partition. <paramref name="Number"/> only grows; <paramref name="Id"/> is fresh for every claim.
/// </summary>
public readonly record struct Claim(long Number, Guid Id);
