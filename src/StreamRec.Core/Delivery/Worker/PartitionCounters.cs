using System.Collections.Concurrent;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// What happened to a partition since its worker was made. Counted by the partition's loop alone, read from any thread:
/// each number is exact, not the set.
/// </summary>
public sealed class PartitionCounters
{
    private readonly ConcurrentDictionary<string, long> _deadLetters = [];

    public long Claims { get; private set; }
    public long Records { get; private set; }

    /// <summary>Records below the position, or of an earlier session.</summary>
    public long Skipped { get; private set; }
    public long Steps { get; private set; }

    /// <summary>Lists that applied steps wrote, or left to be published.</summary>
    public long Lists { get; private set; }
    public long IdleChecks { get; private set; }
    public long Fenced { get; private set; }
    public long Conflicts { get; private set; }

    /// <summary>
    /// Steps, and users to be made clean, refused because the partition is sealed for a newer model.
    /// </summary>
    public long Outdated { get; private set; }

    /// <summary>Reads whose <c>n</c> was not the one that they were for.</summary>
    public long StaleReads { get; private set; }

    /// <summary>Calls to the store that were not answered.</summary>
    public long Unanswered { get; private set; }

    /// <summary>Unanswered steps that turned out to have been applied.</summary>
    public long FoundApplied { get; private set; }
    public long GapChecks { get; private set; }

    /// <summary>Gaps that held records: the log was read again.</summary>
    public long GapsRefused { get; private set; }

    /// <summary>Offsets without a record for us.</summary>
    public long GapOffsets { get; private set; }

    /// <summary>Offsets lost to retention.</summary>
    public long LostOffsets { get; private set; }
    public long DeadLetters { get; private set; }

    /// <summary>The same by reason, a code of schemas/dead-letter.md.</summary>
    public IReadOnlyDictionary<string, long> DeadLettersBy => _deadLetters;

    /// <summary>Lists published to their own shards and safe there, and those that were not safe in time.</summary>
    public long ListsPublished { get; private set; }
    public long ListsUnsafe { get; private set; }

    /// <summary>Dirty users whose lists were computed and published again.</summary>
    public long Republished { get; private set; }
    public long CacheDrops { get; private set; }

    /// <summary>Users found in memory, and users read.</summary>
    public long CacheHits { get; private set; }
    public long CacheMisses { get; private set; }

    internal void CountUsers(int users, int missing)
    {
        CacheHits += users - missing;
        CacheMisses += missing;
    }

    /// <summary>What came from another session of the log.</summary>
    internal void CountStray() => Skipped++;

    internal void CountStep(in PartitionDecision step, IReadOnlyList<UserWrite> writes)
    {
        Steps += step.From.Offset == step.To.Offset ? 0 : 1;
        foreach (var write in writes)
        {
            Lists += write.List.IsEmpty ? 0 : 1;
        }
    }

    /// <summary>What an operation did, whether its answer is still awaited or not.</summary>
    internal void Count(PartitionNote? note)
    {
        switch (note)
        {
            case PartitionNote.Computed computed:
                DeadLetters += computed.Result.DeadLetters.Count;
                foreach (var letter in computed.Result.DeadLetters)
                {
                    _deadLetters.AddOrUpdate(letter.Reason, 1, static (_, count) => count + 1);
                }
                break;
            case PartitionNote.Published published:
                ListsPublished += published.Lists;
                ListsUnsafe += published.Unsafe;
                Republished += published.Republished;
                break;
        }
    }

    /// <summary>An answer that was awaited.</summary>
    /// <param name="after">What the partition does since.</param>
    internal void Count(PartitionInputKind answer, PartitionPhase after, List<PartitionDecision> decisions)
    {
        switch (answer)
        {
            case PartitionInputKind.ClaimGranted:
                Claims++;
                break;
            case PartitionInputKind.ClaimFailed
            or PartitionInputKind.StatesFailed
            or PartitionInputKind.StepFailed
            or PartitionInputKind.PublicationFailed:
                Unanswered++;
                break;
            case PartitionInputKind.StatesAnswered when after != PartitionPhase.Computing:
            case PartitionInputKind.DirtyLoaded when after == PartitionPhase.Claiming:
                StaleReads++;
                break;
            case PartitionInputKind.StepFenced or PartitionInputKind.ClearFenced:
                Fenced++;
                break;
            case PartitionInputKind.StepOutdated or PartitionInputKind.ClearOutdated:
                Outdated++;
                break;
            case PartitionInputKind.StepConflict:
                Conflicts++;
                FoundApplied += decisions.Exists(d => d.Kind == PartitionDecisionKind.StoreOffset) ? 1 : 0;
                break;
            case PartitionInputKind.GapChecked:
                GapChecks++;
                GapsRefused += decisions.Exists(d => d.Kind == PartitionDecisionKind.SeekTo) ? 1 : 0;
                break;
        }
    }

    internal void Count(in PartitionDecision decision)
    {
        switch (decision.Kind)
        {
            case PartitionDecisionKind.Accept:
                Records++;
                break;
            case PartitionDecisionKind.Skip:
                Skipped++;
                break;
            case PartitionDecisionKind.CountGap:
                GapOffsets += decision.To.Offset - decision.From.Offset;
                break;
            case PartitionDecisionKind.CountLost:
                LostOffsets += decision.To.Offset - decision.From.Offset;
                break;
            case PartitionDecisionKind.WriteStep:
                IdleChecks += decision.From.Offset == decision.To.Offset ? 1 : 0;
                break;
            case PartitionDecisionKind.DropCache:
                CacheDrops++;
                break;
        }
    }
}
