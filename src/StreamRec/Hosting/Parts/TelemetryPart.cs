using Microsoft.Extensions.Logging;
using StreamRec.Hosting.Watches;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>Shows the status board what there is to look at, and tells the log of each status.</summary>
internal sealed class TelemetryPart
{
    private readonly StatusBoard _board;
    private readonly ILogger _log;
    private readonly WorkReport _report;
    private readonly WaitReport _waits;
    private readonly OutcomeWatch _outcomes;

    public TelemetryPart(
        WorkOptions options,
        ModelPart model,
        RedisPart redis,
        PartitionsPart partitions,
        StatusBoard board,
        TimeProvider time,
        ILogger log
    )
    {
        (_board, _log) = (board, log);
        _report = new WorkReport(options.DeadLetters, options.ReportEvery, time, log);
        _waits = new WaitReport(options.DeadLetters, time, log);
        _outcomes = new OutcomeWatch(options.DeadLetters, options.Types, time, log);
        var (loop, lists) = (partitions.Loop, redis.Lists);
        board.Watch(
            new StatusSources
            {
                Workers = partitions.Workers,
                Events = model.Events,
                ReRoute = options.Strays == WorkOptions.ReRoute,
                LagOf = loop.Lags.LagOf,
                Waits = new WaitBoard(partitions.Workers, () => loop.Health.Group, loop.WaitOf),
                Joined = () => loop.Health.Joined,
                Polled = () => loop.Health.Polled,
                Answered = () => redis.Pulse.Answered,
                Superseded = lists is null ? null : () => lists.Superseded,
            }
        );
        board.Taken += See;
    }

    /// <summary>What is told at the end.</summary>
    public void End()
    {
        _board.Taken -= See;
        var last = _board.Tick();
        EndReport.Tell(last, _log);
        _report.End(last);
        _outcomes.End(last);
    }

    private void See(WorkerStatus now)
    {
        _waits.See(now);
        _outcomes.See(now);
        _report.See(now);
    }
}
