using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Worker;
using StreamRec.Events;
using StreamRec.Hosting.Halts;
using StreamRec.Hosting.Parts;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Options;
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
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HaltSignal _halts = new();

    /// <summary>Why the worker stopped by itself; null after a clean end.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>What became of events; null before the worker has loaded its model.</summary>
    public EventCounters? Events { get; private set; }

    /// <summary>Index = partition; none before they run.</summary>
    public IReadOnlyList<PartitionWorker> Workers { get; private set; } = [];

    /// <summary>Completes when partitions are being consumed.</summary>
    public Task Started => _started.Task;

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

    // What needs no server refuses first, then Kafka, whose topic says which partitions Redis is asked about.
    private async Task WorkAsync(CancellationToken stop)
    {
        using var model = ModelPart.Load(options, time, log);
        Events = model.Events;
        var start = new StartRetry(options.StartTimeout, time, log);
        using var kafka = await KafkaPart.OpenAsync(options, start, _halts, time, log, stop);
        await using var redis = await RedisPart.OpenAsync(options, kafka.Topic, model.Popular(), start, log, stop);
        var partitions = new PartitionsPart(options, kafka, redis.Store, model.Processor, _halts, time, log);
        partitions.Loop.Name.Waiting += why => StartRetry.LogWaiting(log, why);
        redis.OnAnew(partitions.Reconnect);
        using var telemetry = new TelemetryPart(options, model, redis, partitions, time, log);
        LogStarted(log, options.Topic, kafka.Topic.Partitions, model.Manifest.ModelId, model.Manifest.Items, model.How);
        await partitions.RunAsync(
            [
                HaltedAsync,
                kafka.Watch.RunAsync,
                new UserWatch(redis.Connections, options.RedisSettings(), time).ChangedAsync,
                partitions.Loop.Lags.RunAsync,
                .. telemetry.Reports,
                .. options.UntilEnd ? [EndOf(kafka, redis).ReachedAsync] : Array.Empty<Func<CancellationToken, Task>>(),
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

    private async Task HaltedAsync(CancellationToken stop) => throw (await _halts.First.WaitAsync(stop)).Fault;

    private EndWatch EndOf(KafkaPart kafka, RedisPart redis) =>
        new(
            new(kafka.Settings, options.Group),
            kafka.Topic,
            options.Group,
            redis.Database,
            options.Prefix,
            redis.Lists is not null,
            new StartRetry(options.StartTimeout, time, log),
            time
        );

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
}
