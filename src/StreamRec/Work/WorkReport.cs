using Microsoft.Extensions.Logging;
using StreamRec.Kafka;
using StreamRec.Pipeline;

namespace StreamRec.Work;

/// <summary>A line in the log now and then: what was done since the last, how far behind, how fresh, and what went wrong.</summary>
internal sealed partial class WorkReport(
    IReadOnlyList<PartitionWorker> workers, ConsumerLoop loop, WorkMetrics metrics, TimeSpan interval, TimeProvider time, ILogger log)
{
    public async Task RunAsync(CancellationToken stop)
    {
        if (interval == TimeSpan.Zero)
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        using var timer = new PeriodicTimer(interval, time);
        long before = 0;
        while (await timer.WaitForNextTickAsync(stop))
        {
            var records = workers.Sum(w => w.Counters.Records);
            var assigned = workers.Count(w => w.Phase != PartitionPhase.Released);
            var fresh = metrics.TakeFreshness();
            LogWork(
                log, records - before, assigned, workers.Sum(w => loop.LagOf(w.Partition.Partition) ?? 0), fresh?.Latest ?? 0, fresh?.Worst ?? 0,
                workers.Sum(w => w.Counters.DeadLetters));
            before = records;
            if (workers.Sum(w => w.Counters.Fenced + w.Counters.Conflicts + w.Counters.Unanswered) is var troubles and > 0)
            {
                LogTroubles(
                    log, troubles, workers.Sum(w => w.Counters.Fenced), workers.Sum(w => w.Counters.Conflicts),
                    workers.Sum(w => w.Counters.Unanswered), workers.Select(w => w.LastError?.Message).LastOrDefault(m => m is not null) ?? "none");
            }
            if (workers.Sum(w => w.Counters.LostOffsets) is var lost and > 0)
            {
                LogLost(log, lost);
            }
        }
    }

    [LoggerMessage(20, LogLevel.Information,
        "{Records} records worked on {Assigned} partitions; lag {Lag}; freshness {Latest:F3} s, worst {Worst:F3} s; {DeadLetters} dead letters so far")]
    private static partial void LogWork(ILogger log, long records, int assigned, long lag, double latest, double worst, long deadLetters);

    [LoggerMessage(21, LogLevel.Information,
        "{Troubles} calls to Redis were refused or unanswered so far ({Fenced} fenced, {Conflicts} conflicts, {Unanswered} unanswered), the last error: {Error}")]
    private static partial void LogTroubles(ILogger log, long troubles, long fenced, long conflicts, long unanswered, string error);

    [LoggerMessage(22, LogLevel.Error, "{Lost} records were lost to retention before they were worked")]
    private static partial void LogLost(ILogger log, long lost);
}
