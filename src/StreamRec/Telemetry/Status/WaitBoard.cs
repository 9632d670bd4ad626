using StreamRec.Delivery.Worker;

namespace StreamRec.Telemetry.Status;

/// <summary>
/// All that waits now: partitions, by what each says itself or the consumer of it, and the worker as a member of its
/// group.
/// </summary>
/// <param name="group">What keeps the worker out of its group; null where nothing does.</param>
/// <param name="fetching">What keeps a partition from being fetched; null where nothing does, or it is not
/// assigned.</param>
internal sealed class WaitBoard(
    IReadOnlyList<PartitionWorker> workers,
    Func<PartitionWait?> group,
    Func<int, PartitionWait?> fetching
)
{
    /// <summary>What takes no longer is the normal course of things.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public IReadOnlyList<Waiting> Look()
    {
        List<Waiting>? found = null;
        void Add(int? partition, PartitionWait? wait)
        {
            if (wait is { } lasting && lasting.For >= Grace)
            {
                (found ??= []).Add(new(partition, lasting));
            }
        }
        Add(null, group());
        foreach (var worker in workers)
        {
            var partition = worker.Partition.Partition;
            Add(partition, worker.Waiting is { } own && own.For >= Grace ? own : fetching(partition));
        }
        return found ?? (IReadOnlyList<Waiting>)[];
    }
}

/// <summary>A partition that waits, or the worker as a whole.</summary>
/// <param name="Partition">Null for the worker as a whole.</param>
internal readonly record struct Waiting(int? Partition, PartitionWait What);
