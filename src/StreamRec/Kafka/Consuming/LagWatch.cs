using Confluent.Kafka;
using StreamRec.Delivery.Worker;

namespace StreamRec.Kafka.Consuming;

/// <summary>
/// How far behind partitions are. The client knows a log's end from what it fetches; of a partition that is not
/// fetched, since it waits, the broker is asked. What is not known is null, never 0.
/// </summary>
/// <param name="isAssigned">Whether a partition is this worker's.</param>
/// <param name="fetched">The log's end as of the last fetch; negative where there was none.</param>
/// <param name="ask">Asks the broker for ends of logs; blocks. Ends with an exception at the first that has no
/// answer.</param>
internal sealed class LagWatch(
    IReadOnlyList<PartitionWorker> workers,
    ConsumerHealth health,
    Func<int, bool> isAssigned,
    Func<int, long> fetched,
    Func<IReadOnlyList<int>, IEnumerable<(int Partition, long End)>> ask,
    TimeProvider time
)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(10);

    private readonly Answer?[] _answers = new Answer?[workers.Count];

    /// <summary>Records of an assigned partition that are not worked yet; null where it is not known.</summary>
    public long? LagOf(int partition)
    {
        if (!isAssigned(partition) || workers[partition].Reached is not { } reached || health.IsUnreachable(partition))
        {
            return null;
        }
        var end = fetched(partition);
        if (IsFetched(partition))
        {
            return end < 0 ? null : Math.Max(0, end - reached);
        }
        // An end that is old says how far behind it is at least.
        var asked = _answers[partition] is { } answer && time.GetElapsedTime(answer.At) < s_fresh ? answer.End : -1;
        var known = Math.Max(end, asked);
        return asked < 0 && known <= reached ? null : Math.Max(0, known - reached);
    }

    /// <summary>Asks until cancelled, while anything waits.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            var unfetched = Enumerable
                .Range(0, workers.Count)
                .Where(p => isAssigned(p) && !IsFetched(p) && !health.IsUnreachable(p))
                .ToArray();
            if (unfetched.Length > 0)
            {
                await Blocking.RunAsync(() => Ask(unfetched));
            }
        }
    }

    /// <summary>
    /// Asks for the ends of partitions, until one has no answer: the others would take as long. Returns how many had
    /// one.
    /// </summary>
    public int Ask(IReadOnlyList<int> partitions)
    {
        var answered = 0;
        try
        {
            foreach (var (partition, end) in ask(partitions))
            {
                Volatile.Write(ref _answers[partition], new Answer(end, time.GetTimestamp()));
                answered++;
            }
        }
        catch (KafkaException)
        {
            // Not known, until the next time.
        }
        return answered;
    }

    private bool IsFetched(int partition) => workers[partition].TakesRecords;

    private sealed record Answer(long End, long At);
}
