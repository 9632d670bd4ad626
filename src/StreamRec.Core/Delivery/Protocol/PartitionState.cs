namespace StreamRec.Delivery.Protocol;

/// <summary>
/// All that <see cref="PartitionLife"/> knows of a partition. A value: comparable, hashable, cheap to copy.
/// </summary>
public readonly record struct PartitionState
{
    /// <summary>What is under way.</summary>
    public PartitionPhase Phase { get; init; }

    /// <summary>The number of the operation under way. An answer with another one is late and ignored.</summary>
    public int Ticket { get; init; }

    /// <summary>The claim that steps are written under.</summary>
    public Claim Claim { get; init; }

    /// <summary>The store's <c>n</c> as far as this worker knows: where the batch in flight begins.</summary>
    public LogPosition Next { get; init; }

    /// <summary>The store's <c>seq</c>, as <see cref="Next"/> is its <c>n</c>.</summary>
    public long Seq { get; init; }

    /// <summary>
    /// The next offset to take from the log: where the batch in flight ends, for nothing is taken meanwhile.
    /// </summary>
    public LogPosition Position { get; init; }

    /// <summary>Failed attempts of the read or step under way. Of a step: it may have been applied.</summary>
    public int Attempts { get; init; }

    /// <summary>Where the records go on after the gap being checked.</summary>
    public long GapTo { get; init; }

    /// <summary>The connection to the store was lost and no step has been started since.</summary>
    public bool CheckOwed { get; init; }

    /// <summary>
    /// Dirty users may be there, of another claim or of lists that a failover lost: publish them when at rest.
    /// </summary>
    public bool DirtyOwed { get; init; }

    /// <summary>The lists being published are those of dirty users, not of the step just applied.</summary>
    public bool Republishing { get; init; }

    /// <summary>Revoked: the batch in flight is the last.</summary>
    public bool Leaving { get; init; }

    /// <summary>A claim was granted before, so the store cannot be empty for being new.</summary>
    public bool Known { get; init; }

    /// <summary>The promotion of the worker's model, as far as it was told; 0: none made it live.</summary>
    public long Promotion { get; init; }

    /// <summary>Why the partition stands still.</summary>
    public HaltReason Halt { get; init; }
}
