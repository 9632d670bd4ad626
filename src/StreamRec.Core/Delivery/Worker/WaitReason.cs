namespace StreamRec.Delivery.Worker;

/// <summary>What keeps a partition from going on. docs/operations.md says what to do about each.</summary>
public enum WaitReason : byte
{
    /// <summary>The store answers, and refuses: out of memory, read-only, too few replicas, loading.</summary>
    StoreRefuses,

    /// <summary>The store does not answer.</summary>
    StoreUnanswered,

    /// <summary>Another worker claims the partition too, again and again.</summary>
    OtherWorker,

    /// <summary>The dead-letter topic does not acknowledge what cannot be processed.</summary>
    DeadLetters,

    /// <summary>
    /// A question to the log's broker has no answer: what a gap holds, where the log begins, what the group committed.
    /// </summary>
    KafkaUnanswered,

    /// <summary>The partition's broker cannot be reached, or there is none.</summary>
    KafkaUnreachable,

    /// <summary>The broker refuses to let the group be joined, or records be fetched.</summary>
    KafkaRefuses,

    /// <summary>The group has not given its members partitions yet.</summary>
    Rebalancing,

    /// <summary>A batch is being computed.</summary>
    Computing,

    /// <summary>The partition's lists are a newer model's, which this worker does not have yet.</summary>
    Model,
}

/// <summary>A partition that does not go on.</summary>
/// <param name="Error">What the other side said; null while it has said nothing.</param>
/// <param name="For">Time since the last step forward.</param>
public readonly record struct PartitionWait(WaitReason Reason, string? Error, TimeSpan For);

/// <summary>The names of reasons in metrics and on the page.</summary>
public static class WaitReasons
{
    public static string Code(this WaitReason reason) =>
        reason switch
        {
            WaitReason.StoreRefuses => "store_refuses",
            WaitReason.StoreUnanswered => "store_unanswered",
            WaitReason.OtherWorker => "other_worker",
            WaitReason.DeadLetters => "dead_letters",
            WaitReason.KafkaUnanswered => "kafka_unanswered",
            WaitReason.KafkaUnreachable => "kafka_unreachable",
            WaitReason.KafkaRefuses => "kafka_refuses",
            WaitReason.Rebalancing => "rebalancing",
            WaitReason.Model => "model",
            _ => "computing",
        };
}
