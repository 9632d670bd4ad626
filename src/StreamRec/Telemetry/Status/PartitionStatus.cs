using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Telemetry.Status;

/// <summary>A partition at a moment, and what was counted of it so far.</summary>
/// <param name="Lag">Records that are not worked yet; null where it is not known.</param>
/// <param name="Next"><c>n</c>, as Redis last told it; null before it told of any.</param>
/// <param name="Pending">Records in memory that are not in a batch yet.</param>
/// <param name="IsHeld">Has enough in memory, and takes no more for now.</param>
/// <param name="DeadLetters">By reason.</param>
internal sealed record PartitionStatus(
    int Partition,
    PartitionPhase Phase,
    long? Lag,
    long? Next,
    int Pending,
    bool IsHeld,
    string? LastError,
    IReadOnlyDictionary<string, long> DeadLetters
)
{
    public bool IsAssigned => Phase != PartitionPhase.Released;

    public long Records { get; init; }
    public long Steps { get; init; }
    public long Lists { get; init; }
    public long ListsUnsafe { get; init; }
    public long Claims { get; init; }
    public long Fenced { get; init; }
    public long Conflicts { get; init; }
    public long Outdated { get; init; }
    public long Unanswered { get; init; }
    public long GapOffsets { get; init; }
    public long LostOffsets { get; init; }
    public long CacheHits { get; init; }
    public long CacheMisses { get; init; }

    public static PartitionStatus Of(PartitionWorker worker, long? lag)
    {
        var (counted, phase) = (worker.Counters, worker.Phase);
        return new(
            worker.Partition.Partition,
            phase,
            lag,
            worker.Reached,
            worker.Pending,
            phase != PartitionPhase.Released
                && worker.Waiting is null or { Reason: WaitReason.Computing }
                && !worker.TakesRecords,
            worker.LastError?.Message,
            counted.DeadLettersBy.Count == 0 ? s_none : new Dictionary<string, long>(counted.DeadLettersBy)
        )
        {
            Records = counted.Records,
            Steps = counted.Steps,
            Lists = counted.Lists,
            ListsUnsafe = counted.ListsUnsafe,
            Claims = counted.Claims,
            Fenced = counted.Fenced,
            Conflicts = counted.Conflicts,
            Outdated = counted.Outdated,
            Unanswered = counted.Unanswered,
            GapOffsets = counted.GapOffsets,
            LostOffsets = counted.LostOffsets,
            CacheHits = counted.CacheHits,
            CacheMisses = counted.CacheMisses,
        };
    }

    private static readonly IReadOnlyDictionary<string, long> s_none = new Dictionary<string, long>();
}
