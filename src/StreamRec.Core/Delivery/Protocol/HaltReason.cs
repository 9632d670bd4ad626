namespace StreamRec.Delivery.Protocol;

/// <summary>Why a partition was stopped to protect the data.</summary>
public enum HaltReason : byte
{
    None,

    /// <summary>The store has no meta, yet this is not a first start: it was emptied.</summary>
    StoreEmptied,

    /// <summary>Meta names another consumer group.</summary>
    OtherGroup,

    /// <summary>Meta names another incarnation of the topic: it was deleted and made anew.</summary>
    TopicRecreated,

    /// <summary>Meta names another number of partitions.</summary>
    PartitionsChanged,

    /// <summary>Meta names other settings of what shapes a state: the same log would be folded otherwise.</summary>
    OtherSettings,

    /// <summary>A recovery was begun and has not ended.</summary>
    RecoveryUnfinished,

    /// <summary>Meta is there and cannot be read.</summary>
    MetaUnreadable,

    /// <summary>
    /// The log is not the one whose records are in the states: an unclean election, or a log shorter than <c>n</c>.
    /// </summary>
    Fork,

    /// <summary>Records were deleted before they were processed, and the policy is to halt.</summary>
    Retention,

    /// <summary>
    /// The batch could not be computed: a user's state cannot be read, or a bug, since poison records are
    /// dead-lettered.
    /// </summary>
    ProcessorFailed,
}
