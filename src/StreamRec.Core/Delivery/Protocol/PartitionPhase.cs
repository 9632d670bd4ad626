namespace StreamRec.Delivery.Protocol;

/// <summary>What a partition is waiting for. At most one operation is under way.</summary>
public enum PartitionPhase : byte
{
    /// <summary>Not assigned to this worker; nothing is cached.</summary>
    Released,

    /// <summary>A claim is under way, or its delay is.</summary>
    Claiming,

    /// <summary>Claimed; records are taken until a batch is cut.</summary>
    Ready,

    /// <summary>The broker is asked whether the log has a hole where records are missing.</summary>
    CheckingGap,

    /// <summary>The states of the batch's users are being read.</summary>
    Reading,

    /// <summary>The batch is being computed, and its dead letters acknowledged.</summary>
    Computing,

    /// <summary>The step is being written.</summary>
    Writing,

    /// <summary>The dirty users are being read, whose lists may be behind their states.</summary>
    LoadingDirty,

    /// <summary>Lists are being written to their own shards, until enough replicas have them.</summary>
    Publishing,

    /// <summary>Users whose lists are published are being taken off the dirty ones.</summary>
    Clearing,

    /// <summary>
    /// Lists of a newer model are written here than this worker has live: nothing is worked before that is ready.
    /// </summary>
    AwaitingModel,

    /// <summary>Stopped to protect the data, until the assignment ends.</summary>
    Halted,
}
