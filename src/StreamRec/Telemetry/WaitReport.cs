using System.Globalization;
using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Worker;
using StreamRec.Telemetry.Status;

namespace StreamRec.Telemetry;

/// <summary>Says in the log what waits and for what: at first, then each minute, and when it goes on.</summary>
internal sealed partial class WaitReport(string deadLetters, TimeProvider time, ILogger log)
{
    private const int MostNamed = 8,
        MostLetters = 300;

    private readonly Reminders<(WaitReason Reason, bool OfPartitions)> _reminders = new(time);

    /// <summary>Tells what is to be told of a status. One at a time.</summary>
    public void See(WorkerStatus now)
    {
        var waiting = now.Waiting.ToLookup(wait => (wait.What.Reason, OfPartitions: wait.Partition is not null));
        foreach (var alike in waiting)
        {
            var longest = alike.MaxBy(wait => wait.What.For).What;
            var error = alike.Select(wait => wait.What.Error).FirstOrDefault(said => said is not null);
            if (_reminders.IsDue(alike.Key, explained: error is not null))
            {
                LogWaiting(
                    log,
                    Who([.. alike]),
                    longest.For.TotalSeconds,
                    longest.Reason.Code(),
                    Why(longest.Reason, error is null ? null : Cut(error))
                );
            }
        }
        foreach (var (state, lasted) in _reminders.Over(waiting.Select(alike => alike.Key).ToHashSet()))
        {
            LogGoesOn(log, state.Reason.Code(), lasted.TotalSeconds);
        }
    }

    private static string Who(IReadOnlyList<Waiting> waiting)
    {
        if (waiting[0].Partition is null)
        {
            return "The worker waits";
        }
        var names = string.Join(
            ", ",
            waiting.Take(MostNamed).Select(wait => wait.Partition!.Value.ToString(CultureInfo.InvariantCulture))
        );
        return waiting.Count == 1
            ? $"Partition {names} waits"
            : $"{waiting.Count} partitions ({names}{(waiting.Count > MostNamed ? ", …" : "")}) wait";
    }

    private string Why(WaitReason reason, string? error) =>
        reason switch
        {
            WaitReason.StoreRefuses => $"{error}. Nothing is lost, and work goes on by itself once Redis takes writes",
            WaitReason.StoreUnanswered => $"Redis does not answer ({error ?? "not yet"}). "
                + "Nothing is lost, and work goes on by itself once it does",
            WaitReason.OtherWorker => "another worker claims the same partitions, again and again: "
                + "one that Kafka does not count to this group any more, "
                + "or one of another Kafka with the same Redis and --prefix",
            WaitReason.DeadLetters =>
                $"topic '{deadLetters}' does not acknowledge dead letters ({error ?? "no answer yet"}): "
                    + "is it there, are enough replicas in sync (min.insync.replicas), may this user write to it? "
                    + "Nothing is lost meanwhile",
            WaitReason.KafkaUnanswered => $"Kafka does not answer a question ({error ?? "not yet"})",
            WaitReason.KafkaUnreachable or WaitReason.KafkaRefuses => error ?? "Kafka refuses",
            WaitReason.Model => $"{error}. Start the worker with --registry, which loads what is promoted; "
                + "or promote its model there: `streamrec models promote`",
            WaitReason.Rebalancing => $"{error}: one that is busy or gone is waited for until its time-out",
            _ => "a batch is being computed: the machine is too busy, or the model slow",
        };

    private static string Cut(string error) =>
        error.Length <= MostLetters ? error.TrimEnd('.') : error[..MostLetters] + "…";

    [LoggerMessage(24, LogLevel.Warning, "{Who} for {Seconds:F0} s ({Reason}): {Why}.")]
    private static partial void LogWaiting(ILogger log, string who, double seconds, string reason, string why);

    [LoggerMessage(25, LogLevel.Information, "Nothing waits any more for {Reason}, after {Seconds:F0} s.")]
    private static partial void LogGoesOn(ILogger log, string reason, double seconds);
}
