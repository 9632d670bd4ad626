using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.FailPoints;
using StreamRec.Hosting.Halts;
using StreamRec.Kafka.Consuming;
using StreamRec.Options;
using StreamRec.Telemetry;

namespace StreamRec.Hosting.Parts;

/// <summary>A worker for each partition of the topic, and the consumer that feeds those that are assigned.</summary>
internal sealed partial class PartitionsPart
{
    private static readonly TimeSpan s_storeTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly PartitionWorker[] _workers;

    /// <exception cref="StreamRecException">Kafka's client refuses a setting.</exception>
    public PartitionsPart(
        WorkOptions options,
        KafkaPart kafka,
        IStateStore store,
        IBatchProcessor processor,
        HaltSignal halts,
        WorkMetrics metrics,
        TimeProvider time,
        ILogger logger
    )
    {
        (_time, _log) = (time, logger);
        store = new TimedStore(store, metrics.Stored, time);
        var settings = new PartitionWorkerOptions
        {
            BatchRecords = options.BatchRecords,
            BatchLinger = options.BatchLinger,
            StoreTimeout = s_storeTimeout,
            Policy = new() { SkipLostRecords = options.LostRecords == WorkOptions.Skip },
        };
        var topic = kafka.Topic;
        var log = kafka.Control();
        ILogControl control = log;
        if (FailPlan.OfProcess is { } points)
        {
            (store, control) = (new FailingStore(store, points), new FailingLog(log, points));
        }
        _workers =
        [
            .. Enumerable
                .Range(0, topic.Partitions)
                .Select(p => new PartitionWorker(
                    new PartitionIdentity(topic.Name, p, topic.Uuid, topic.Partitions, options.Group),
                    new PartitionPorts(store, control, processor, kafka.Letters, time, new Random()),
                    settings
                )),
        ];
        Loop = new ConsumerLoop(kafka.Settings, log, _workers, metrics.Batches.Contexts, time);
        foreach (var worker in _workers)
        {
            worker.Halted += halts.Tell;
            worker.Written += metrics.Written;
        }
    }

    public ConsumerLoop Loop { get; }

    /// <summary>Index = partition.</summary>
    public IReadOnlyList<PartitionWorker> Workers => _workers;

    /// <summary>
    /// Whether the group has given the worker its share, and the log holds the position of each partition.
    /// </summary>
    public bool HaveLooked =>
        Loop.Health.Joined && _workers.All(worker => worker.Heard || !Loop.IsAssigned(worker.Partition.Partition));

    public void Reconnect() => Array.ForEach(_workers, worker => worker.Reconnect());

    /// <summary>Works until the first of all that goes on ends, then lets go of the partitions in good order.</summary>
    /// <param name="beside">What goes on beside, until it is cancelled.</param>
    /// <param name="begun">Told when partitions are being consumed.</param>
    /// <param name="ended">Told when none is any more.</param>
    public async Task RunAsync(
        IEnumerable<Func<CancellationToken, Task>> beside,
        Action begun,
        Action ended,
        CancellationToken stop
    )
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var running = new CancellationTokenSource();
        var lives = Array.ConvertAll(_workers, worker => worker.RunAsync(running.Token));
        var consuming = Task.Factory.StartNew(
            () => Loop.Run(ending.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        begun();
        try
        {
            await await Task.WhenAny([
                consuming,
                .. lives,
                .. beside.Append(TickAsync).Select(begin => begin(ending.Token)),
            ]);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAny(consuming);
            // Also where consuming failed: what they use is given back next.
            await running.CancelAsync();
            await Task.WhenAll(lives);
            ended();
            if (!await consuming)
            {
                LogNotLeft(_log);
            }
        }
    }

    // Lets each partition look now and then that the store is where it was.
    private async Task TickAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_tick, _time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Array.ForEach(_workers, worker => worker.Tick());
        }
    }

    [LoggerMessage(
        4,
        LogLevel.Warning,
        "Kafka did not let the group be left in time: it moves the partitions when the session times out."
    )]
    private static partial void LogNotLeft(ILogger log);
}
