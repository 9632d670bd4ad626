using System.Globalization;
using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Worker;
using StreamRec.Telemetry.Status;

namespace StreamRec.Telemetry;

/// <summary>
/// A line in the log now and then: what was done since the last, how far behind, how fresh, what became of the events,
/// what waits, and what went wrong.
/// </summary>
/// <param name="deadLetters">The topic where they are kept.</param>
/// <param name="interval">Zero: never.</param>
internal sealed partial class WorkReport(string deadLetters, TimeSpan interval, TimeProvider time, ILogger log)
{
    // A timer may be early.
    private static readonly TimeSpan s_early = TimeSpan.FromSeconds(.5);

    private long _told = time.GetTimestamp();
    private long _records,
        _troubles,
        _lost;
    private Outcomes _before = Outcomes.None;
    private Freshness? _freshness;

    /// <summary>Tells when it is time to. One status at a time.</summary>
    public void See(WorkerStatus now)
    {
        if (now.Freshness is { } fresh)
        {
            _freshness = fresh with { Worst = Math.Max(fresh.Worst, _freshness?.Worst ?? 0) };
        }
        if (interval > TimeSpan.Zero && time.GetElapsedTime(_told, now.Timestamp) >= interval - s_early)
        {
            Tell(now);
            (_told, _freshness) = (now.Timestamp, null);
        }
    }

    /// <summary>Tells what nobody was told of yet.</summary>
    public void End(WorkerStatus last) => TellDeadLetters(last.Outcomes - _before);

    private void Tell(WorkerStatus now)
    {
        var records = now.Sum(p => p.Records);
        var since = now.Outcomes - _before;
        LogWork(
            log,
            records - _records,
            now.Assigned.Count(),
            Lag(now),
            _freshness is { } fresh
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"freshness {fresh.Latest:F3} s, worst {fresh.Worst:F3} s"
                )
                : "nothing written",
            since.Accepted,
            since.Unknown,
            since.Duplicates,
            since.Late,
            since.Unwanted,
            now.Outcomes.Dead,
            Waiting(now)
        );
        TellDeadLetters(since);
        (_records, _before) = (records, now.Outcomes);
        TellTroubles(now);
        if (now.Sum(p => p.LostOffsets) is var lost && lost > _lost)
        {
            LogLost(log, lost - _lost, lost);
            _lost = lost;
        }
    }

    private void TellTroubles(WorkerStatus now)
    {
        var (fenced, conflicts, unanswered) = (
            now.Sum(p => p.Fenced),
            now.Sum(p => p.Conflicts),
            now.Sum(p => p.Unanswered)
        );
        var troubles = fenced + conflicts + unanswered;
        if (troubles > _troubles)
        {
            _troubles = troubles;
            var error = now.Partitions.Select(p => p.LastError).LastOrDefault(said => said is not null);
            LogTroubles(log, troubles, fenced, conflicts, unanswered, error ?? "none");
        }
    }

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

    private static string Lag(WorkerStatus now)
    {
        var lags = now.Assigned.Select(p => p.Lag).ToArray();
        var unknown = lags.Count(lag => lag is null);
        var known = lags.Sum(lag => lag ?? 0);
        return lags.Length == 0 ? "of no partition"
            : unknown == 0 ? known.ToString(CultureInfo.InvariantCulture)
            : unknown == lags.Length ? "unknown"
            : string.Create(CultureInfo.InvariantCulture, $"unknown of {unknown} partitions, {known} of the others");
    }

    private static string Waiting(WorkerStatus now)
    {
        var held = now.Partitions.Count(p => p.IsHeld);
        var reasons = string.Join(", ", now.Waiting.Select(wait => wait.What.Reason.Code()).Distinct());
        var partitions = now.Waiting.Count(wait => wait.Partition is not null);
        return (
                now.Waiting.Count == 0 ? ""
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
