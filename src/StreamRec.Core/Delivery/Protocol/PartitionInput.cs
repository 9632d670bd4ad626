namespace StreamRec.Delivery.Protocol;

/// <summary>The kinds of <see cref="PartitionInput"/>.</summary>
public enum PartitionInputKind : byte
{
    Assigned,
    ClaimGranted,
    ClaimRefused,
    ClaimOutdated,
    ClaimFailed,
    Fetched,
    EndOfPartition,
    OutOfRange,
    LogForked,
    GapChecked,
    BatchDue,
    StatesAnswered,
    StatesFailed,
    Computed,
    ComputeFailed,
    StepApplied,
    StepFenced,
    StepConflict,
    StepOutdated,
    StepFailed,
    DirtyLoaded,
    Published,
    Cleared,
    ClearFenced,
    ClearOutdated,
    PublicationFailed,
    ModelReady,
    Reconnected,
    IdleTick,
    Revoked,
    FlushDue,
    Lost,
}

/// <summary>
/// Something that happened to a partition. Answers carry the ticket of the decision that they answer.
/// </summary>
public readonly record struct PartitionInput(PartitionInputKind Kind)
{
    public int Ticket { get; init; }

    /// <summary>An offset: of a record, a position, or <c>n</c>.</summary>
    public long Offset { get; init; }

    /// <summary>The store's <c>seq</c>, where <see cref="Offset"/> is its <c>n</c>, or was before it.</summary>
    public long Seq { get; init; }

    /// <summary>The end of the log, for <see cref="PartitionInputKind.OutOfRange"/>.</summary>
    public long End { get; init; }

    /// <summary>The leader epoch that goes with <see cref="Offset"/>; -1 where it is unknown.</summary>
    public int Epoch { get; init; }

    /// <summary>Of the model that is live; or the largest that was named to the store.</summary>
    public long Promotion { get; init; }

    public Claim Claim { get; init; }
    public GapVerdict Verdict { get; init; }
    public HaltReason Reason { get; init; }

    /// <summary>Whether states must be read before the batch can be computed.</summary>
    public bool NeedsStates { get; init; }

    /// <summary>
    /// Whether anything is to be done: dirty users were found, or some of what was published is not yet safe.
    /// </summary>
    public bool More { get; init; }

    /// <summary>The partition is now this worker's.</summary>
    public static PartitionInput Assigned() => new(PartitionInputKind.Assigned);

    public static PartitionInput ClaimGranted(int ticket, Claim claim, LogPosition next, long seq) =>
        new(PartitionInputKind.ClaimGranted)
        {
            Ticket = ticket,
            Claim = claim,
            Offset = next.Offset,
            Epoch = next.Epoch,
            Seq = seq,
        };

    public static PartitionInput ClaimRefused(int ticket, HaltReason reason) =>
        new(PartitionInputKind.ClaimRefused) { Ticket = ticket, Reason = reason };

    /// <summary>The partition is for models of a larger promotion than the claim's.</summary>
    public static PartitionInput ClaimOutdated(int ticket, long promotion) =>
        new(PartitionInputKind.ClaimOutdated) { Ticket = ticket, Promotion = promotion };

    /// <summary>No answer to the claim; it may have been applied.</summary>
    public static PartitionInput ClaimFailed(int ticket) => new(PartitionInputKind.ClaimFailed) { Ticket = ticket };

    /// <summary>The next record of the log, as far as the consumer is concerned.</summary>
    public static PartitionInput Fetched(long offset, int epoch) =>
        new(PartitionInputKind.Fetched) { Offset = offset, Epoch = epoch };

    /// <summary>The consumer is at the log's end, control records included.</summary>
    public static PartitionInput EndOfPartition(long position) =>
        new(PartitionInputKind.EndOfPartition) { Offset = position };

    /// <summary>
    /// The log does not hold the position asked for; it reaches from <paramref name="start"/> to
    /// <paramref name="end"/>.
    /// </summary>
    public static PartitionInput OutOfRange(long start, long end) =>
        new(PartitionInputKind.OutOfRange) { Offset = start, End = end };

    /// <summary>The epoch at the position is not the log's.</summary>
    public static PartitionInput LogForked() => new(PartitionInputKind.LogForked);

    public static PartitionInput GapChecked(int ticket, GapAnswer answer) =>
        new(PartitionInputKind.GapChecked)
        {
            Ticket = ticket,
            Verdict = answer.Verdict,
            Offset = answer.LogStart,
        };

    /// <summary>Nothing more is to be taken: what has been shall be written, or else dirty users published.</summary>
    public static PartitionInput BatchDue(bool needsStates) =>
        new(PartitionInputKind.BatchDue) { NeedsStates = needsStates };

    /// <summary>The states at a place of the store came.</summary>
    public static PartitionInput StatesAnswered(int ticket, StorePlace at) =>
        new(PartitionInputKind.StatesAnswered)
        {
            Ticket = ticket,
            Offset = at.Offset,
            Seq = at.Seq,
        };

    public static PartitionInput StatesFailed(int ticket) => new(PartitionInputKind.StatesFailed) { Ticket = ticket };

    /// <summary>The batch is computed and its dead letters are acknowledged.</summary>
    public static PartitionInput Computed(int ticket) => new(PartitionInputKind.Computed) { Ticket = ticket };

    public static PartitionInput ComputeFailed(int ticket) => new(PartitionInputKind.ComputeFailed) { Ticket = ticket };

    /// <param name="promotion">The store's, where the step only looked; else 0.</param>
    public static PartitionInput StepApplied(int ticket, long seq, long promotion = 0) =>
        new(PartitionInputKind.StepApplied)
        {
            Ticket = ticket,
            Seq = seq,
            Promotion = promotion,
        };

    public static PartitionInput StepFenced(int ticket) => new(PartitionInputKind.StepFenced) { Ticket = ticket };

    /// <summary>The store is at another place than the step begins.</summary>
    public static PartitionInput StepConflict(int ticket, StorePlace at) =>
        new(PartitionInputKind.StepConflict)
        {
            Ticket = ticket,
            Offset = at.Offset,
            Seq = at.Seq,
        };

    /// <summary>The partition is sealed for models of a larger promotion than the step's.</summary>
    public static PartitionInput StepOutdated(int ticket) => new(PartitionInputKind.StepOutdated) { Ticket = ticket };

    /// <summary>No answer to the step; it may have been applied.</summary>
    public static PartitionInput StepFailed(int ticket) => new(PartitionInputKind.StepFailed) { Ticket = ticket };

    /// <summary>
    /// The dirty users and their states at <paramref name="at"/> came; <paramref name="any"/>: there are some.
    /// </summary>
    public static PartitionInput DirtyLoaded(int ticket, StorePlace at, bool any) =>
        new(PartitionInputKind.DirtyLoaded)
        {
            Ticket = ticket,
            Offset = at.Offset,
            Seq = at.Seq,
            More = any,
        };

    /// <summary>
    /// Lists are written and on enough replicas; of some users only, where there is <paramref name="more"/>.
    /// </summary>
    public static PartitionInput Published(int ticket, bool more) =>
        new(PartitionInputKind.Published) { Ticket = ticket, More = more };

    /// <summary>The users published are no longer dirty, save those with a newer state.</summary>
    public static PartitionInput Cleared(int ticket) => new(PartitionInputKind.Cleared) { Ticket = ticket };

    public static PartitionInput ClearFenced(int ticket) => new(PartitionInputKind.ClearFenced) { Ticket = ticket };

    /// <summary>
    /// The users published are dirty still: the partition was sealed, and their lists are the former model's.
    /// </summary>
    public static PartitionInput ClearOutdated(int ticket) => new(PartitionInputKind.ClearOutdated) { Ticket = ticket };

    /// <summary>Dirty users could not be read, published or cleared. They are dirty still, or clean.</summary>
    public static PartitionInput PublicationFailed(int ticket) =>
        new(PartitionInputKind.PublicationFailed) { Ticket = ticket };

    /// <summary>Batches that begin from now on are computed by a model of this promotion.</summary>
    public static PartitionInput ModelReady(long promotion) =>
        new(PartitionInputKind.ModelReady) { Promotion = promotion };

    /// <summary>The connection to the store is a new one: behind it may be an older store.</summary>
    public static PartitionInput Reconnected() => new(PartitionInputKind.Reconnected);

    /// <summary>Nothing has happened for a while.</summary>
    public static PartitionInput IdleTick() => new(PartitionInputKind.IdleTick);

    /// <summary>The partition is being taken away in good order: the batch in flight may finish.</summary>
    public static PartitionInput Revoked() => new(PartitionInputKind.Revoked);

    /// <summary>The time that a revocation allows for the batch in flight is over.</summary>
    public static PartitionInput FlushDue() => new(PartitionInputKind.FlushDue);

    /// <summary>The partition is already another worker's.</summary>
    public static PartitionInput Lost() => new(PartitionInputKind.Lost);
}
