using StreamRec.Delivery.Worker;
using StreamRec.Serving;

namespace StreamRec.Telemetry.Status;

/// <summary>What there is to look at once partitions are worked.</summary>
internal sealed record StatusSources
{
    /// <summary>Index = partition.</summary>
    public required IReadOnlyList<PartitionWorker> Workers { get; init; }

    public required EventCounters Events { get; init; }

    /// <summary>Strays are produced to their own partition, and are no dead letters.</summary>
    public bool ReRoute { get; init; }

    /// <summary>Records of a partition that are not worked yet; null where it is not known.</summary>
    public required Func<int, long?> LagOf { get; init; }

    public required WaitBoard Waits { get; init; }

    /// <summary>Whether the worker is a member of its group.</summary>
    public required Func<bool> Joined { get; init; }

    /// <summary>When the consumer was last polled.</summary>
    public required Func<long> Polled { get; init; }

    /// <summary>When Redis last answered.</summary>
    public required Func<long> Answered { get; init; }

    /// <summary>Null but on Redis Cluster.</summary>
    public Func<long>? Superseded { get; init; }
}
