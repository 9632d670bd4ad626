using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Worker;
using StreamRec.Hosting.Watches;
using StreamRec.Options;
using StreamRec.Serving;
using StreamRec.Telemetry;

namespace StreamRec.Hosting.Parts;

/// <summary>What the worker tells of itself: instruments, and lines in the log.</summary>
internal sealed class TelemetryPart : IDisposable
{
    private readonly WorkMetrics _metrics;
    private readonly WorkReport _report;
    private readonly WaitReport _waits;
    private readonly OutcomeWatch _outcomes;
    private readonly IReadOnlyList<PartitionWorker> _workers;
    private readonly EventCounters _events;
    private readonly ILogger _log;

    public TelemetryPart(
        WorkOptions options,
        ModelPart model,
        RedisPart redis,
        PartitionsPart partitions,
        TimeProvider time,
        ILogger log
    )
    {
        (_workers, _events, _log) = (partitions.Workers, model.Events, log);
        var (loop, letters) = (partitions.Loop, options.DeadLetters);
        _metrics = new WorkMetrics(time);
        foreach (var worker in _workers)
        {
            worker.Written += _metrics.Written;
        }
        var board = new WaitBoard(_workers, () => loop.GroupWait, loop.WaitOf);
        Outcomes Look() => Outcomes.Of(_events, _workers, options.Strays == WorkOptions.ReRoute);
        _outcomes = new OutcomeWatch(Look, letters, options.Types, time, log);
        _waits = new WaitReport(board, letters, time, log);
        _report = new WorkReport(
            _workers,
            loop.Lags.LagOf,
            board,
            Look,
            letters,
            _metrics,
            options.ReportEvery,
            time,
            log
        );
        _metrics.Observe(_workers, loop.Lags.LagOf);
        _metrics.Observe(_events, options.Topic);
        _metrics.Observe(board, options.Topic);
        if (redis.Lists is not null)
        {
            _metrics.Observe(redis.Lists, _workers);
        }
    }

    /// <summary>What tells now and then, until cancelled.</summary>
    public IEnumerable<Func<CancellationToken, Task>> Reports =>
        [_report.RunAsync, _outcomes.RunAsync, _waits.RunAsync];

    /// <summary>What is told at the end.</summary>
    public void End()
    {
        EndReport.Tell(_workers, _events, _log);
        _report.End();
        _outcomes.End();
    }

    public void Dispose() => _metrics.Dispose();
}
