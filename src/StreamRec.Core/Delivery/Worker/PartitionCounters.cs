using System.Collections.Concurrent;
using StreamRec.Delivery.Ports;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// What happened to a partition since its worker was made. Read from any thread; each number is exact, not the set.
/// </summary>
public sealed class PartitionCounters
{
    private readonly ConcurrentDictionary<string, long> _deadLetters = [];

    public long Claims { get; internal set; }
    public long Records { get; internal set; }

    /// <summary>Records below the position, or of an earlier session.</summary>
    public long Skipped { get; internal set; }
    public long Steps { get; internal set; }

    /// <summary>Lists that applied steps wrote, or left to be published.</summary>
    public long Lists { get; internal set; }
    public long IdleChecks { get; internal set; }
    public long Fenced { get; internal set; }
    public long Conflicts { get; internal set; }

    /// <summary>Reads whose <c>n</c> was not the one that they were for.</summary>
    public long StaleReads { get; internal set; }

    /// <summary>Calls to the store that were not answered.</summary>
    public long Unanswered { get; internal set; }

    /// <summary>Unanswered steps that turned out to have been applied.</summary>
    public long FoundApplied { get; internal set; }
    public long GapChecks { get; internal set; }

    /// <summary>Gaps that held records: the log was read again.</summary>
    public long GapsRefused { get; internal set; }

    /// <summary>Offsets without a record for us.</summary>
    public long GapOffsets { get; internal set; }

    /// <summary>Offsets lost to retention.</summary>
    public long LostOffsets { get; internal set; }
    public long DeadLetters { get; private set; }

    /// <summary>The same by reason, a code of schemas/dead-letter.md.</summary>
    public IReadOnlyDictionary<string, long> DeadLettersBy => _deadLetters;

    /// <summary>Lists published to their own shards and safe there, and those that were not safe in time.</summary>
    public long ListsPublished { get; internal set; }
    public long ListsUnsafe { get; internal set; }

    /// <summary>Dirty users whose lists were computed and published again.</summary>
    public long Republished { get; internal set; }
    public long CacheDrops { get; internal set; }

    /// <summary>Users found in memory, and users read.</summary>
    public long CacheHits { get; internal set; }
    public long CacheMisses { get; internal set; }

    internal void Count(IReadOnlyList<DeadLetter> letters)
    {
        DeadLetters += letters.Count;
        foreach (var letter in letters)
        {
            _deadLetters.AddOrUpdate(letter.Reason, 1, static (_, count) => count + 1);
        }
    }
}
