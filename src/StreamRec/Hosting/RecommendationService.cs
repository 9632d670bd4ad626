using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Worker;
using StreamRec.Hosting.Halts;
using StreamRec.Hosting.Parts;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting;

/// <summary>
/// The worker: from the consumer group's partitions to lists in Redis, until stopped or, if asked, until the end.
/// </summary>
internal sealed partial class RecommendationService(
    WorkOptions options,
    StatusBoard board,
    WorkMetrics metrics,
    IHostApplicationLifetime lifetime,
    ILogger<RecommendationService> log,
    TimeProvider time
) : BackgroundService
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HaltSignal _halts = new();

    /// <summary>Why the worker stopped by itself; null after a clean end.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Index = partition; none before they run.</summary>
    public IReadOnlyList<PartitionWorker> Workers { get; private set; } = [];

    /// <summary>Completes when partitions are being consumed.</summary>
    public Task Started => _started.Task;

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        await using var stopping = lifetime.ApplicationStopping.Register(() => board.Enter(WorkerPhase.Draining));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var showing = board.RunAsync(over.Token);
        try
        {
            await Task.Run(() => WorkAsync(showing, stop), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        catch (Exception fault)
        {
            Fault = fault;
        }
        finally
        {
            _started.TrySetResult();
            board.Enter(WorkerPhase.Draining);
        }
        if (_halts.First.IsCompleted && options.OnHalt == WorkOptions.Stay)
        {
            LogStays(log, Fault?.Message ?? "");
            await Task.WhenAny(Task.Delay(Timeout.Infinite, stop));
        }
        await over.CancelAsync();
        await Task.WhenAny(showing);
        lifetime.StopApplication();
    }

    // What needs no server refuses first, then Kafka, whose topic says which partitions Redis is asked about.
    private async Task WorkAsync(Task showing, CancellationToken stop)
    {
        board.Enter(WorkerPhase.Model);
        await using var registry = await RegistryPart.OpenAsync(options, board, time, log, stop);
        using var model = registry is null
            ? ModelPart.Load(options, metrics, time, log)
            : await registry.FirstAsync(metrics, stop);
        board.Show(model.Served);
        board.Enter(WorkerPhase.Waiting);
        var start = new StartRetry(options.StartTimeout, time, log);
        using var kafka = await KafkaPart.OpenAsync(options, start, _halts, board, time, log, stop);
        using var catalogue = await CataloguePart.OpenAsync(options, kafka, model, start, board, time, log, stop);
        await using var redis = await RedisPart.OpenAsync(
            options,
            kafka.Topic,
            model.StateSettings,
            model.ListOptions,
            model.Popular(),
            start,
            time,
            log,
            stop
        );
        var partitions = new PartitionsPart(options, kafka, redis.Store, model.Processor, _halts, metrics, time, log);
        partitions.Loop.Name.Waiting += why => StartRetry.LogWaiting(log, why);
        redis.OnAnew(partitions.Reconnect);
        var telemetry = new TelemetryPart(options, model, redis, partitions, board, time, log);
        var following = registry?.Follow(model, catalogue, redis, partitions);
        LogStarted(log, options.Topic, kafka.Topic.Partitions, model.Served);
        await partitions.RunAsync(
            [
                HaltedAsync,
                showing.WaitAsync,
                kafka.Watch.RunAsync,
                redis.Pulse.RunAsync,
                new UserWatch(redis.Connections, options.RedisSettings(), time).ChangedAsync,
                partitions.Loop.Lags.RunAsync,
                .. catalogue is null ? [] : BesideOf(catalogue, redis),
                .. options.SimilarItems > 0
                    ? [new SimilarPart(model, redis, options, time, log).PublishAsync]
                    : Array.Empty<Func<CancellationToken, Task>>(),
                .. following is null ? Array.Empty<Func<CancellationToken, Task>>() : [following],
                .. options.UntilEnd
                    ? [EndOf(kafka, redis, partitions).ReachedAsync]
                    : Array.Empty<Func<CancellationToken, Task>>(),
            ],
            begun: () =>
            {
                Workers = partitions.Workers;
                _started.TrySetResult();
            },
            ended: telemetry.End,
            stop
        );
    }

    private static Func<CancellationToken, Task>[] BesideOf(CataloguePart catalogue, RedisPart redis) =>
        [catalogue.FollowAsync, catalogue.KeepLettersAsync, stop => catalogue.PublishAsync(redis, stop)];

    private async Task HaltedAsync(CancellationToken stop)
    {
        var halt = await _halts.First.WaitAsync(stop);
        board.Halt(halt.Reason);
        throw halt.Fault;
    }

    private EndWatch EndOf(KafkaPart kafka, RedisPart redis, PartitionsPart partitions) =>
        new(
            new(kafka.Settings, options.Group),
            kafka.Topic,
            options.Group,
            redis.Database,
            options.Prefix,
            redis.Lists is not null,
            () => partitions.HaveLooked,
            new StartRetry(options.StartTimeout, time, log),
            time
        );

    private static void LogStarted(ILogger log, string topic, int partitions, ServedModel model) =>
        LogStarted(log, topic, partitions, model.Id, model.Items, model.Encoded);

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

    [LoggerMessage(31, LogLevel.Critical, "{What} The process stays, as --on-halt says, until it is told to stop.")]
    private static partial void LogStays(ILogger log, string what);
}
