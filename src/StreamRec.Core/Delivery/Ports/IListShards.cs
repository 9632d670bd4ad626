using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Ports;

/// <summary>
/// Lists that live on other shards than their states, as on Redis Cluster. A step marks the users whose lists it
/// changed as
/// <em>dirty</em>; their lists are published after it, and they are clean once enough replicas have the lists.
/// </summary>
/// <remarks>A call that throws <see cref="AmbiguousStoreException"/> may or may not have been applied.</remarks>
public interface IListShards
{
    /// <summary>
    /// Reads up to <paramref name="most"/> dirty users, any of them, with their states and the store's place.
    /// </summary>
    Task<DirtyAnswer> ReadDirtyAsync(PartitionIdentity partition, int most, CancellationToken cancel);

    /// <summary>
    /// Writes lists, each unless the one that is there is newer by (generation, epoch, offset, promotion, claim), and
    /// waits until enough replicas hold what is there then.
    /// </summary>
    /// <returns>For each list, whether that is so. Not so also means: no answer in time.</returns>
    Task<IReadOnlyList<bool>> PublishAsync(
        PartitionIdentity partition,
        Claim claim,
        int generation,
        IReadOnlyList<UserWrite> lists,
        CancellationToken cancel
    );

    /// <summary>
    /// Makes users clean whose entry is still the one given, if the claim holds, and the partition is not sealed for
    /// models of a larger promotion: those users' lists are then to be made anew.
    /// </summary>
    /// <param name="promotion">Of the model that made the lists.</param>
    Task<ClearAnswer> ClearDirtyAsync(
        PartitionIdentity partition,
        Claim claim,
        long promotion,
        IReadOnlyList<DirtyUser> published,
        CancellationToken cancel
    );
}

/// <summary>What became of a call that makes users clean.</summary>
public enum ClearAnswer : byte
{
    /// <summary>Another claim holds the partition.</summary>
    Fenced,

    /// <summary>They are clean, save those that changed since.</summary>
    Cleared,

    /// <summary>The partition is sealed for models of a larger promotion.</summary>
    Outdated,
}

/// <summary>A user whose list may be behind the state, as of the record at <paramref name="Version"/>.</summary>
public readonly record struct DirtyUser(string UserId, StateVersion Version);

/// <summary>
/// Dirty users with the store's place and, in the same order, each one's state; null where there is none.
/// </summary>
public sealed record DirtyAnswer(StorePlace At, IReadOnlyList<DirtyUser> Users, IReadOnlyList<byte[]?> States);
