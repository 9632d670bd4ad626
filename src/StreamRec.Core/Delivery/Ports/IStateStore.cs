using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Ports;

/// <summary>
/// Where the states of users, their lists and the next offset live. Each call is one atomic step of the store.
/// </summary>
/// <remarks>A call that throws <see cref="AmbiguousStoreException"/> may or may not have been applied.</remarks>
public interface IStateStore
{
    /// <summary>
    /// Claims a partition. Meta is created only when <paramref name="firstStart"/> is given, and none is there.
    /// </summary>
    /// <param name="promotion">Of the worker's model: from then on no step of a smaller one writes anything.</param>
    Task<ClaimAnswer> ClaimAsync(
        PartitionIdentity partition,
        Guid claimId,
        LogPosition? firstStart,
        long promotion,
        CancellationToken cancel
    );

    /// <summary>Reads users' states together with the place that they belong to.</summary>
    Task<StatesAnswer> ReadAsync(PartitionIdentity partition, IReadOnlyList<string> users, CancellationToken cancel);

    /// <summary>
    /// Writes states and lists, moves the next offset and raises <c>seq</c> by 1, if the claim holds and the store is
    /// where <paramref name="from"/> says. A step that writes nothing and leads nowhere only looks.
    /// </summary>
    /// <remarks>
    /// What it writes is of one promotion: a smaller one than the partition is sealed for is
    /// <see cref="StepAnswer.Outdated"/>.
    /// </remarks>
    Task<StepAnswer> StepAsync(
        PartitionIdentity partition,
        Claim claim,
        StorePlace from,
        LogPosition to,
        IReadOnlyList<UserWrite> writes,
        CancellationToken cancel
    );

    /// <summary>
    /// Where lists are published, if they live on other shards than the states; null if the step writes them.
    /// </summary>
    IListShards? Lists => null;
}

/// <summary>
/// What is written for one user. An empty list leaves the list that is there; where a step writes lists, one that a
/// model of an earlier promotion made is deleted.
/// </summary>
/// <param name="Version">The last record of the state, and so of the list.</param>
public readonly record struct UserWrite(
    string UserId,
    ReadOnlyMemory<byte> State,
    ReadOnlyMemory<byte> List,
    StateVersion Version
)
{
    /// <summary>The promotion of the model that made the list; 0 where none did.</summary>
    public long Promotion { get; init; }
}

/// <summary>The last record that concerned a user: which list may replace which.</summary>
/// <param name="Epoch">The record's leader epoch; -1 where unknown.</param>
public readonly record struct StateVersion(int Epoch, long Offset);

/// <summary>The store's place and, in the order asked for, each user's state; null where there is none.</summary>
public sealed record StatesAnswer(StorePlace At, IReadOnlyList<byte[]?> States);

/// <summary>The store's answer to a claim.</summary>
public abstract record ClaimAnswer
{
    /// <param name="Seq">Steps written before.</param>
    public sealed record Granted(Claim Claim, LogPosition Next, int Generation, long Seq = 0) : ClaimAnswer;

    /// <summary>
    /// The partition is for models of a larger promotion than the claim's; nothing is changed.
    /// </summary>
    public sealed record Outdated(long Promotion) : ClaimAnswer;

    /// <summary>There is no meta, and the claim did not say that this is a first start.</summary>
    public sealed record NoMeta : ClaimAnswer;

    /// <summary>
    /// Meta names another group, topic incarnation or partition count, other settings, or a recovery that has not
    /// ended; or it cannot be read.
    /// </summary>
    /// <param name="Stored">What meta holds, as it stands there.</param>
    public sealed record Mismatch(MetaField Field, string Stored, string Asked) : ClaimAnswer
    {
        /// <summary>The reason to halt that this stands for.</summary>
        public HaltReason Reason =>
            Field switch
            {
                MetaField.Group => HaltReason.OtherGroup,
                MetaField.TopicId => HaltReason.TopicRecreated,
                MetaField.Partitions => HaltReason.PartitionsChanged,
                MetaField.Settings => HaltReason.OtherSettings,
                MetaField.Recovery => HaltReason.RecoveryUnfinished,
                _ => HaltReason.MetaUnreadable,
            };
    }
}

/// <summary>The store's answer to a step.</summary>
public abstract record StepAnswer
{
    /// <param name="Seq">As it is now.</param>
    /// <param name="Promotion">Of the partition, where the step only looked; else 0.</param>
    public sealed record Applied(long Seq = 0, long Promotion = 0) : StepAnswer;

    /// <summary>Another claim holds the partition.</summary>
    public sealed record Fenced : StepAnswer;

    /// <summary>The store is not where the step begins.</summary>
    public sealed record Conflict(StorePlace At) : StepAnswer;

    /// <summary>The partition is sealed for models of a larger promotion than that of what it writes.</summary>
    public sealed record Outdated(long Promotion) : StepAnswer;
}

/// <summary>The store did not answer in time, or the connection broke: the call may have been applied.</summary>
public sealed class AmbiguousStoreException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The store did answer, and refused.</summary>
    public bool Refused { get; init; }
}
