namespace StreamRec.Delivery.Protocol;

/// <summary>The kinds of <see cref="PartitionDecision"/>.</summary>
public enum PartitionDecisionKind : byte
{
    /// <summary>
    /// Claim the partition with a fresh id, after a jittered delay where <see cref="PartitionDecision.Delayed"/>.
    /// </summary>
    StartClaim,

    /// <summary>
    /// Assign the partition at exactly <see cref="PartitionDecision.To"/>; forget records fetched before.
    /// </summary>
    SeekTo,

    /// <summary>The record offered belongs to the batch.</summary>
    Accept,

    /// <summary>The record or position offered is of no use.</summary>
    Skip,

    /// <summary>Ask the broker about [From, To), after a delay where <see cref="PartitionDecision.Delayed"/>.</summary>
    CheckGap,

    /// <summary>Offsets [From, To) hold nothing for us: count them.</summary>
    CountGap,

    /// <summary>Records [From, To) are lost to retention: count them and raise an alarm.</summary>
    CountLost,

    /// <summary>Read the states that the batch lacks, for position From.</summary>
    ReadStates,

    /// <summary>Compute the batch [From, To) and have its dead letters acknowledged.</summary>
    Compute,

    /// <summary>Write the step From → To; From = To is an idle check.</summary>
    WriteStep,

    /// <summary>Write the same step again, after a delay.</summary>
    RetryStep,

    /// <summary>The step is applied: keep its states and tell Kafka that To is done.</summary>
    StoreOffset,

    /// <summary>Read some dirty users and their states, for position From.</summary>
    LoadDirty,

    /// <summary>
    /// Write the lists of the step just applied, or compute and write those of the dirty users just read.
    /// </summary>
    PublishLists,

    /// <summary>Take the users whose lists are safe off the dirty ones.</summary>
    ClearDirty,

    /// <summary>Forget every cached state of the partition.</summary>
    DropCache,

    /// <summary>The partition is let go; nothing more will be written.</summary>
    Release,

    /// <summary>Stand still until the assignment ends.</summary>
    Halt,
}

/// <summary>Something to be done for a partition. Its answer carries <see cref="Ticket"/>.</summary>
public readonly record struct PartitionDecision(PartitionDecisionKind Kind)
{
    public int Ticket { get; init; }
    public LogPosition From { get; init; }
    public LogPosition To { get; init; }
    public bool Delayed { get; init; }
    public HaltReason Reason { get; init; }
}
