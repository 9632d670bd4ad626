using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>What is left for a partition's loop. A value, for each record comes in one.</summary>
/// <param name="Input">What the state machine is told; nothing where the note is only for whoever watches.</param>
/// <param name="Note">What an operation brings beside it.</param>
/// <param name="Session">The session of a seek, for what comes from the log.</param>
internal readonly record struct PartitionMessage(
    PartitionInput Input,
    PartitionNote? Note = null,
    int Session = 0,
    LogRecord Record = default
);

/// <summary>
/// What the loop is to take, count or tell, beside what the state machine is told: nobody else writes to what it owns.
/// </summary>
internal abstract record PartitionNote
{
    /// <summary>Whom to tell that the partition is released.</summary>
    public sealed record Leaving(TaskCompletionSource Released) : PartitionNote;

    /// <summary>
    /// What the operation under way waits for now; null where it goes on. Comes alone: it is no answer.
    /// </summary>
    public sealed record Waits(int Ticket, Hindrance? For, Exception? Error = null) : PartitionNote;

    public sealed record Failed(Exception Error) : PartitionNote;

    public sealed record Claimed(int Generation) : PartitionNote;

    public sealed record Refused(ClaimAnswer.Mismatch Mismatch) : PartitionNote;

    /// <summary>States in the order in which they were asked for.</summary>
    public sealed record States(IReadOnlyList<byte[]?> Read) : PartitionNote;

    /// <summary>A batch whose dead letters are kept, and how long it was computed.</summary>
    public sealed record Computed(BatchResult Result, int Users, TimeSpan Time) : PartitionNote;

    public sealed record Dirty(DirtyAnswer Read) : PartitionNote;

    /// <summary>Lists written to their shards.</summary>
    /// <param name="Safe">The users that are clean now.</param>
    /// <param name="Lists">Those that are safe there.</param>
    /// <param name="Republished">Dirty users whose lists were computed again.</param>
    public sealed record Published(Publication Safe, int Lists, int Unsafe, int Republished) : PartitionNote;
}
