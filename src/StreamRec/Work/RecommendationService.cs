using Confluent.Kafka.Admin;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Bundles;
using StreamRec.Kafka;
using StreamRec.Onnx;
using StreamRec.Pipeline;
using StreamRec.Recommendations;
using StreamRec.Redis;

namespace StreamRec.Work;

/// <summary>The worker: from the consumer group's partitions to lists in Redis, until stopped or, if asked, until the end.</summary>
internal sealed partial class RecommendationService(
    WorkOptions options, IHostApplicationLifetime lifetime, ILogger<RecommendationService> log, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_storeTimeout = TimeSpan.FromSeconds(5);

    // Shorter: users whose lists could not be published in time stay dirty, and the partition goes on.
    private static readonly TimeSpan s_publishTimeout = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<StreamRecException> _halted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why the worker stopped by itself; null after a clean end.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Completes when partitions are being consumed.</summary>
    public Task Started => _started.Task;

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        try
        {
            await Task.Run(() => WorkAsync(stop), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
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
        using var encoder = new OnnxUserEncoder(bundle);
        using var steps = bundle.StepPath is null ? null : new OnnxStepModel(bundle);
        var recommender = new Recommender(
            bundle, encoder, ListOptions(bundle), time, Murmur2.PartitionOf, steps is null ? null : steps.Open);
        var settings = options.KafkaSettings();
        var from = StartPosition.Parse(options.From);
        using var inspector = new TopicInspector(settings);
        var topic = await inspector.DescribeAsync(options.Topic, AclOperation.Read, options.TopicIds);
        await inspector.DescribeAsync(options.DeadLetters, AclOperation.Write, options.TopicIds);
        await using var redis = await RedisConnection.ConnectAsync(options.RedisSettings());
        var database = redis.GetDatabase();
        var keys = new StoreKeys(options.Prefix);
        await StoreRights.CheckAsync(database, options.RedisSettings(), keys, new PartitionIdentity(topic.Name, 0, topic.Uuid, topic.Partitions, options.Group));
        await database.StringSetAsync(keys.Popular, recommender.Popular());
        await using var publishing = RedisConnection.IsCluster(redis) ? await RedisConnection.ConnectAsync(options.RedisSettings(), failFast: true) : null;
        var store = new RedisStateStore(
            database, options.Prefix, options.IdleExpiry + TimeSpan.FromDays(1), s_storeTimeout,
            publishing is null ? null : new ClusterLists(database, publishing, options.Prefix, options.ListReplicas, s_publishTimeout));
        using var letters = new DeadLetterPublisher(settings, options.DeadLetters);
        PartitionWorker[] workers = [];
        var loop = new ConsumerLoop(settings, topic, options.Group, from, inspector, control =>
            workers = [.. Enumerable.Range(0, topic.Partitions).Select(p => Worker(topic, p, control, store, recommender, letters))]);
        RedisConnection.OnAnew(redis, () => Array.ForEach(workers, worker => worker.Reconnect()));
        if (publishing is not null)
        {
            RedisConnection.OnAnew(publishing, () => Array.ForEach(workers, worker => worker.Reconnect()));
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var running = new CancellationTokenSource();
        var lives = Array.ConvertAll(workers, worker => worker.RunAsync(running.Token));
        var consuming = Task.Factory.StartNew(
            () => loop.Run(ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        LogStarted(log, options.Topic, topic.Partitions, bundle.Manifest.ModelId, bundle.Manifest.Items);
        _started.TrySetResult();
        try
        {
            var finished = await Task.WhenAny(
                consuming, _halted.Task, TickAsync(workers, ending.Token),
                options.UntilEnd ? new EndWatch(new LogProbe(settings, options.Group), topic, database, options.Prefix, time).ReachedAsync(ending.Token) : Never(ending.Token));
            if (finished == _halted.Task)
            {
                throw await _halted.Task;
            }
            await finished;
        }
        finally
        {
            await ending.CancelAsync();
            await consuming;
            await running.CancelAsync();
            await Task.WhenAll(lives);
            LogEnded(log, workers.Sum(w => w.Counters.Records), workers.Sum(w => w.Counters.Steps), workers.Sum(w => w.Counters.Lists),
                workers.Sum(w => w.Counters.DeadLetters), GC.GetTotalAllocatedBytes());
        }
    }

    private PartitionWorker Worker(
        TopicFacts topic, int partition, ILogControl control, IStateStore store, Recommender recommender, IDeadLetters letters)
    {
        IBatchProcessor processor = recommender;
        if (FailPoints.OfProcess is { } points)
        {
            (store, control, processor) =
                (new FailingStore(store, points), new FailingLog(control, points), new FailingProcessor(processor, points));
        }
        var worker = new PartitionWorker(
            new PartitionIdentity(topic.Name, partition, topic.Uuid, topic.Partitions, options.Group),
            new PartitionPorts(store, control, processor, letters, time, new Random()),
            new PartitionWorkerOptions { BatchRecords = options.BatchRecords, StoreTimeout = s_storeTimeout });
        worker.Halted += halt => _halted.TrySetResult(new StreamRecException(
            $"Partition {halt.Partition.Partition} of topic '{halt.Partition.Topic}' was halted ({halt.Reason}): {halt.Message}{(halt.Error is null ? "" : $" ({halt.Error.Message})")}",
            ExitCode.Halted));
        return worker;
    }

    private RecommenderOptions ListOptions(Bundle bundle) => new()
    {
        ListSize = options.ListSize,
        ExcludeSeen = options.ExcludeSeen,
        Diversity = options.Diversity,
        Types = options.Types.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(),
        MaxAhead = options.MaxAhead,
        Sequence = new() { Kept = options.Kept > 0 ? options.Kept : Recommender.LeastKept(bundle), IdleExpiry = options.IdleExpiry },
    };

    private async Task TickAsync(PartitionWorker[] workers, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_tick, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Array.ForEach(workers, worker => worker.Tick());
        }
    }

    private static Task Never(CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);

    [LoggerMessage(1, LogLevel.Information, "Working topic {Topic} ({Partitions} partitions) with model {Model} of {Items} items")]
    private static partial void LogStarted(ILogger log, string topic, int partitions, string model, int items);

    [LoggerMessage(2, LogLevel.Information, "Stopped after {Records} records in {Steps} steps; {Lists} lists, {DeadLetters} dead letters, {Allocated} bytes allocated")]
    private static partial void LogEnded(ILogger log, long records, long steps, long lists, long deadLetters, long allocated);
}
