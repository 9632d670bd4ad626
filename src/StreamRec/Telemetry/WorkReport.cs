using System.Globalization;
using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Telemetry;

/// <summary>
/// A line in the log now and then: what was done since the last, how far behind, how fresh, what became of the events,
/// what waits, and what went wrong.
/// </summary>
/// <param name="lagOf">Records of a partition that are not worked yet; null where it is not known.</param>
/// <param name="look">What became of all records so far.</param>
/// <param name="deadLetters">The topic where they are kept.</param>
internal sealed partial class WorkReport(
    IReadOnlyList<PartitionWorker> workers,
    Func<int, long?> lagOf,
    WaitBoard board,
    Func<Outcomes> look,
    string deadLetters,
    WorkMetrics metrics,
    TimeSpan interval,
    TimeProvider time,
    ILogger log
)
{
    private long _records,
        _troubles,
        _lost;
    private Outcomes _before = Outcomes.None;

    public async Task RunAsync(CancellationToken stop)
    {
        if (interval == TimeSpan.Zero)
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Tell();
        }
    }

    /// <summary>Tells once.</summary>
    public void Tell()
    {
        var (records, outcomes) = (workers.Sum(w => w.Counters.Records), look());
        var since = outcomes - _before;
        LogWork(
            log,
            records - _records,
            workers.Count(IsAssigned),
            Lag(),
            Freshness(),
            since.Accepted,
            since.Unknown,
            since.Duplicates,
            since.Late,
            since.Unwanted,
            outcomes.Dead,
            Waiting()
        );
        TellDeadLetters(since);
        (_records, _before) = (records, outcomes);
        if (
            workers.Sum(w => w.Counters.Fenced + w.Counters.Conflicts + w.Counters.Unanswered) is var troubles
            && troubles > _troubles
        )
        {
            _troubles = troubles;
            LogTroubles(
                log,
                troubles,
                workers.Sum(w => w.Counters.Fenced),
                workers.Sum(w => w.Counters.Conflicts),
                workers.Sum(w => w.Counters.Unanswered),
                workers.Select(w => w.LastError?.Message).LastOrDefault(m => m is not null) ?? "none"
            );
        }
        if (workers.Sum(w => w.Counters.LostOffsets) is var lost && lost > _lost)
        {
            LogLost(log, lost - _lost, lost);
            _lost = lost;
        }
    }

    /// <summary>What nobody was told of yet.</summary>
    public void End() => TellDeadLetters(look() - _before);

    private void TellDeadLetters(Outcomes since)
    {
        if (since.Dead > 0)
        {
            var reasons = since
                .DeadLetters.OrderByDescending(letters => letters.Value)
                .Select(letters => string.Create(CultureInfo.InvariantCulture, $"{letters.Key} {letters.Value}"));
            LogDeadLetters(log, since.Dead, deadLetters, string.Join(", ", reasons));
        }
    }

    private static bool IsAssigned(PartitionWorker worker) => worker.Phase != PartitionPhase.Released;

    private string Lag()
    {
        var lags = workers.Where(IsAssigned).Select(w => lagOf(w.Partition.Partition)).ToArray();
        var unknown = lags.Count(lag => lag is null);
        var known = lags.Sum(lag => lag ?? 0);
        return lags.Length == 0 ? "of no partition"
            : unknown == 0 ? known.ToString(CultureInfo.InvariantCulture)
            : unknown == lags.Length ? "unknown"
            : string.Create(CultureInfo.InvariantCulture, $"unknown of {unknown} partitions, {known} of the others");
    }

    private string Freshness() =>
        metrics.TakeFreshness() is { } fresh
            ? string.Create(CultureInfo.InvariantCulture, $"freshness {fresh.Latest:F3} s, worst {fresh.Worst:F3} s")
            : "nothing written";

    private string Waiting()
    {
        var waiting = board.Look();
        var held = workers.Count(w =>
            w.Waiting is null or { Reason: WaitReason.Computing } && IsAssigned(w) && !w.TakesRecords
        );
        var reasons = string.Join(", ", waiting.Select(wait => wait.What.Reason.Code()).Distinct());
        var partitions = waiting.Count(wait => wait.Partition is not null);
        return (
                waiting.Count == 0 ? ""
                : partitions == 0 ? $"; waiting: {reasons}"
                : $"; {partitions} partitions waiting: {reasons}"
            ) + (held == 0 ? "" : $"; {held} partitions paused, with enough in memory");
    }

    [LoggerMessage(
        20,
        LogLevel.Information,
        "{Records} records worked on {Assigned} partitions; lag {Lag}; {Freshness}; "
            + "{Accepted} events accepted ({UnknownItems} on items that the model does not know), "
            + "{Duplicates} duplicates, {Late} late, {Unwanted} of other types; "
            + "{DeadLetters} dead letters so far{Waiting}"
    )]
    private static partial void LogWork(
        ILogger log,
        long records,
        int assigned,
        string lag,
        string freshness,
        long accepted,
        long unknownItems,
        long duplicates,
        long late,
        long unwanted,
        long deadLetters,
        string waiting
    );

    [LoggerMessage(
        21,
        LogLevel.Warning,
        "{Troubles} calls to Redis were refused or unanswered so far ({Fenced} fenced, {Conflicts} conflicts, "
            + "{Unanswered} unanswered), the last error: {Error}"
    )]
    private static partial void LogTroubles(
        ILogger log,
        long troubles,
        long fenced,
        long conflicts,
        long unanswered,
        string error
    );

    [LoggerMessage(
        23,
        LogLevel.Warning,
        "{DeadLetters} records could not be used, and are kept in topic '{Topic}': {Reasons}"
    )]
    private static partial void LogDeadLetters(ILogger log, long deadLetters, string topic, string reasons);

    [LoggerMessage(22, LogLevel.Error, "{Lost} records were lost to retention before they were worked, {Total} so far")]
    private static partial void LogLost(ILogger log, long lost, long total);
}
