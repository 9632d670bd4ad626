using Confluent.Kafka.Admin;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Events;
using StreamRec.FailPoints;
using StreamRec.Hosting.Halts;
using StreamRec.Hosting.Runtime;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Kafka;
using StreamRec.Kafka.Consuming;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Options;
using StreamRec.Ranking;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Store;
using StreamRec.Serving;
using StreamRec.Telemetry;

namespace StreamRec.Hosting;

/// <summary>
/// The worker: from the consumer group's partitions to lists in Redis, until stopped or, if asked, until the end.
/// </summary>
internal sealed partial class RecommendationService(
    WorkOptions options,
    IHostApplicationLifetime lifetime,
    ILogger<RecommendationService> log,
    TimeProvider time
) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_storeTimeout = TimeSpan.FromSeconds(5);

    // Shorter: users whose lists could not be published in time stay dirty, and the partition goes on.
    private static readonly TimeSpan s_publishTimeout = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<StreamRecException> _halted = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>Why the worker stopped by itself; null after a clean end.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>What became of events; null before the worker has loaded its model.</summary>
    public EventCounters? Events { get; private set; }

    /// <summary>Index = partition; none before they run.</summary>
    public IReadOnlyList<PartitionWorker> Workers { get; private set; } = [];

    /// <summary>Completes when partitions are being consumed.</summary>
    public Task Started => _started.Task;

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        try
        {
            await Task.Run(() => WorkAsync(stop), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        catch (Exception fault)
        {
            Fault = fault;
        }
        finally
        {
            _started.TrySetResult();
            lifetime.StopApplication();
        }
    }

    private async Task WorkAsync(CancellationToken stop)
    {
        var bundle = Bundle.Load(options.Bundle);
        var encoder = new ServedEncoder(bundle);
        var partitionOf = KeyHash.PartitionOf(options.Partitioner);
        var listOptions = ListOptions(bundle);
        using var models = new LiveModel(new ServingModel(bundle, FailingEncoder.Before(encoder), listOptions));
        var recommender = new Recommender(models, listOptions, time, partitionOf);
        Events = recommender.Counters;
        models.LayoutFailed += fault =>
            LogDoubt(
                log,
                "the items could not be laid out for the users that come, and are searched as before, more slowly: "
                    + $"{fault.Message}"
            );
        var unlisted = new UnlistedUsers(recommender.Counters, log);
        recommender.NotEncodable += unlisted.Tell;
        foreach (var doubt in BundleDoubts.Of(bundle.Manifest, listOptions))
        {
            LogDoubt(log, doubt);
        }
        var from = StartPosition.Parse(options.From);
        var settings = options.KafkaSettings().LogTo(log, time);
        var start = new StartRetry(options.StartTimeout, time, log);
        // First, since what it refuses is a mistake in the settings, which no waiting mends.
        using var letters = new DeadLetterPublisher(settings, options.DeadLetters);
        using var inspector = new TopicInspector(settings);
        var topic = await start.RunAsync(
            () => inspector.DescribeAsync(options.Topic, AclOperation.Read, options.TopicIds, stop),
            stop
        );
        await start.RunAsync(
            () => inspector.DescribeAsync(options.DeadLetters, AclOperation.Write, options.TopicIds, stop),
            stop
        );
        await WarnOfTopicsAsync(inspector, stop);
        await using var redis = await start.RunAsync(
            () => StoreStart.OpenAsync(options, topic, recommender.Popular(), doubt => LogDoubt(log, doubt), stop),
            stop
        );
        var database = redis.GetDatabase();

        using var metrics = new WorkMetrics(time);
        var watch = new TopicWatch(inspector, topic, options.Group, options.TopicCheck, time, log);
        using var strays = new StrayPolicy(
            letters,
            inspector,
            settings,
            partitionOf,
            options.Strays == WorkOptions.ReRoute,
            watch.Report
        );
        await using var publishing = RedisConnection.IsCluster(redis)
            ? await start.RunAsync(
                () => RedisConnection.ConnectAsync(options.RedisSettings(), failFast: true, stop),
                stop
            )
            : null;
        var lists = publishing is null
            ? null
            : new ClusterLists(database, publishing, options.Prefix, options.ListReplicas, s_publishTimeout);
        var store = new RedisStateStore(database, options.Prefix, options.IdleExpiry + TimeSpan.FromDays(1), lists);
        var control = new LogControl(
            settings,
            topic,
            new GroupSettings(options.Group, options.GroupInstanceId, options.GroupProtocol == WorkOptions.Consumer),
            from,
            inspector
        );
        PartitionWorker[] workers =
        [
            .. Enumerable.Range(0, topic.Partitions).Select(p => Worker(topic, p, control, store, recommender, strays)),
        ];
        var loop = new ConsumerLoop(settings, control, workers, time);
        loop.Name.Waiting += why => StartRetry.LogWaiting(log, why);
        Array.ForEach(workers, worker => worker.Written += metrics.Written);
        IConnectionMultiplexer[] connections = publishing is null ? [redis] : [redis, publishing];
        Array.ForEach(
            connections,
            connection => RedisConnection.OnAnew(connection, () => Array.ForEach(workers, worker => worker.Reconnect()))
        );
        var user = new UserWatch(connections, options.RedisSettings(), time);
        var board = new WaitBoard(workers, () => loop.GroupWait, loop.WaitOf);
        Outcomes Outcome() => Outcomes.Of(recommender.Counters, workers, options.Strays == WorkOptions.ReRoute);
        var outcomes = new OutcomeWatch(Outcome, options.DeadLetters, options.Types, time, log);
        var report = new WorkReport(
            workers,
            loop.Lags.LagOf,
            board,
            Outcome,
            options.DeadLetters,
            metrics,
            options.ReportEvery,
            time,
            log
        );
        metrics.Observe(workers, loop.Lags.LagOf);
        metrics.Observe(recommender.Counters, options.Topic);
        metrics.Observe(board, options.Topic);
        if (lists is not null)
        {
            metrics.Observe(lists, workers);
        }
        LogStarted(
            log,
            options.Topic,
            topic.Partitions,
            bundle.Manifest.ModelId,
            bundle.Manifest.Items,
            FailPlan.OfProcess is null ? encoder.How : "by rerun"
        );
        await RunAsync(
            loop,
            workers,
            [
                ending => TickAsync(workers, ending),
                watch.ChangedAsync,
                user.ChangedAsync,
                new SurvivorLimit(time).RunAsync,
                report.RunAsync,
                outcomes.RunAsync,
                new WaitReport(board, options.DeadLetters, time, log).RunAsync,
                loop.Lags.RunAsync,
                ending =>
                    options.UntilEnd
                        ? new EndWatch(
                            new LogProbe(settings, options.Group),
                            topic,
                            options.Group,
                            database,
                            options.Prefix,
                            publishing is not null,
                            new StartRetry(options.StartTimeout, time, log),
                            time
                        ).ReachedAsync(ending)
                        : Task.Delay(Timeout.Infinite, ending),
            ],
            atEnd: () =>
            {
                report.End();
                outcomes.End();
            },
            stop
        );
    }

    /// <summary>Runs until the first of all that goes on ends, then lets go of the partitions in good order.</summary>
    private async Task RunAsync(
        ConsumerLoop loop,
        PartitionWorker[] workers,
        IEnumerable<Func<CancellationToken, Task>> beside,
        Action atEnd,
        CancellationToken stop
    )
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var running = new CancellationTokenSource();
        Workers = workers;
        var lives = Array.ConvertAll(workers, worker => worker.RunAsync(running.Token));
        var consuming = Task.Factory.StartNew(
            () => loop.Run(ending.Token),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        _started.TrySetResult();
        try
        {
            var finished = await Task.WhenAny([
                consuming,
                _halted.Task,
                .. lives,
                .. beside.Select(begin => begin(ending.Token)),
            ]);
            if (finished == _halted.Task)
            {
                throw await _halted.Task;
            }
            await finished;
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAny(consuming);
            // Also where consuming failed: what they use is given back next.
            await running.CancelAsync();
            await Task.WhenAll(lives);
            LogEnded(
                log,
                workers.Sum(w => w.Counters.Records),
                workers.Sum(w => w.Counters.Steps),
                workers.Sum(w => w.Counters.Lists),
                workers.Sum(w => w.Counters.DeadLetters),
                GC.GetTotalAllocatedBytes()
            );
            LogEvents(log, Events!);
            atEnd();
            if (!await consuming)
            {
                LogNotLeft(log);
            }
        }
    }

    private async Task WarnOfTopicsAsync(TopicInspector inspector, CancellationToken stop)
    {
        if (!options.TopicIds)
        {
            return;
        }
        foreach (
            var doubt in TopicDoubts.Of(
                (options.Topic, await inspector.SettingsAsync(options.Topic, stop)),
                (options.DeadLetters, await inspector.SettingsAsync(options.DeadLetters, stop))
            )
        )
        {
            LogDoubt(log, doubt);
        }
    }

    private PartitionWorker Worker(
        TopicFacts topic,
        int partition,
        ILogControl control,
        IStateStore store,
        IBatchProcessor recommender,
        IDeadLetters letters
    )
    {
        if (FailPlan.OfProcess is { } points)
        {
            (store, control) = (new FailingStore(store, points), new FailingLog(control, points));
        }
        var worker = new PartitionWorker(
            new PartitionIdentity(topic.Name, partition, topic.Uuid, topic.Partitions, options.Group),
            new PartitionPorts(store, control, recommender, letters, time, new Random()),
            new PartitionWorkerOptions
            {
                BatchRecords = options.BatchRecords,
                BatchLinger = options.BatchLinger,
                StoreTimeout = s_storeTimeout,
                Policy = new() { SkipLostRecords = options.LostRecords == WorkOptions.Skip },
            }
        );
        worker.Halted += halt => _halted.TrySetResult(HaltText.FaultOf(halt));
        return worker;
    }

    private ServingOptions ListOptions(Bundle bundle) =>
        new()
        {
            ListSize = options.ListSize,
            ExcludeSeen = Eligibility.Of(bundle.Manifest, options.ExcludeSeen).ExcludeSeen,
            Diversity = options.Diversity,
            Types = EventTypes.Parse(options.Types),
            MaxAhead = options.MaxAhead,
            StrayAdvice = KeyHash.AdviceOf(options.Partitioner),
            Sequence = new()
            {
                Kept = options.Kept > 0 ? options.Kept : Recommender.LeastKept(bundle),
                IdleExpiry = options.IdleExpiry,
            },
        };

    private async Task TickAsync(PartitionWorker[] workers, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_tick, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Array.ForEach(workers, worker => worker.Tick());
        }
    }

    [LoggerMessage(
        1,
        LogLevel.Information,
        "Working topic {Topic} ({Partitions} partitions) with model {Model} of {Items} items, encoded {Encoded}"
    )]
    private static partial void LogStarted(
        ILogger log,
        string topic,
        int partitions,
        string model,
        int items,
        string encoded
    );

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Stopped after {Records} records in {Steps} steps; "
            + "{Lists} lists, {DeadLetters} dead letters, {Allocated} bytes allocated"
    )]
    private static partial void LogEnded(
        ILogger log,
        long records,
        long steps,
        long lists,
        long deadLetters,
        long allocated
    );

    [LoggerMessage(3, LogLevel.Warning, "Doubtful: {What}.")]
    private static partial void LogDoubt(ILogger log, string what);

    [LoggerMessage(
        4,
        LogLevel.Warning,
        "Kafka did not let the group be left in time: it moves the partitions when the session times out."
    )]
    private static partial void LogNotLeft(ILogger log);

    private static void LogEvents(ILogger log, EventCounters events) =>
        LogEvents(log, events.Accepted, events.Duplicates, events.Late, events.UnwantedTypes, events.UnknownItems);

    [LoggerMessage(
        7,
        LogLevel.Information,
        "Events: {Accepted} accepted, {Duplicates} duplicates, {Late} late, {Unwanted} of other types; "
            + "{UnknownItems} on items that the model does not know"
    )]
    private static partial void LogEvents(
        ILogger log,
        long accepted,
        long duplicates,
        long late,
        long unwanted,
        long unknownItems
    );
}
