using Microsoft.Extensions.Logging;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Watches;

/// <summary>
/// Sees a worker that works for nothing: for a stretch, (nearly) all that comes makes no list. Says so, with the likely
/// reason.
/// </summary>
/// <param name="deadLetters">The topic where they are kept.</param>
/// <param name="types">The worker's types; empty for all.</param>
internal sealed partial class OutcomeWatch(string deadLetters, string types, TimeProvider time, ILogger log)
{
    /// <summary>A stretch that says something of what follows.</summary>
    private const int LeastRecords = 50;
    private const double NearlyAll = 0.9;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    // A timer may be early.
    private static readonly TimeSpan s_early = TimeSpan.FromSeconds(.5);

    private readonly Reminders<string> _reminders = new(time);
    private Outcomes _before = Outcomes.None;
    private long _looked = time.GetTimestamp();

    /// <summary>Looks now and then at the stretch since the last look, if it has enough records.</summary>
    public void See(WorkerStatus now)
    {
        if (time.GetElapsedTime(_looked, now.Timestamp) >= s_interval - s_early)
        {
            _looked = now.Timestamp;
            Look(now.Outcomes, LeastRecords);
        }
    }

    /// <summary>The last look: where there were too few records for one before, at those.</summary>
    public void End(WorkerStatus last) => Look(last.Outcomes, _before == Outcomes.None ? 1 : LeastRecords);

    private void Look(Outcomes now, int least)
    {
        var stretch = now - _before;
        if (stretch.All < least)
        {
            return;
        }
        _before = now;
        var (kind, doubt) = Doubt(stretch);
        foreach (
            var (over, lasted) in _reminders.Over(kind is null ? new HashSet<string>() : new HashSet<string> { kind })
        )
        {
            LogUseful(log, over, lasted.TotalSeconds);
        }
        if (kind is not null && _reminders.IsDue(kind))
        {
            LogUseless(log, doubt);
        }
    }

    private (string? Kind, string Text) Doubt(Outcomes stretch)
    {
        var (all, few) = (stretch.All, stretch.All - stretch.Duplicates);
        if (stretch.Dead >= NearlyAll * all)
        {
            var (reason, count) = stretch.DeadLetters.MaxBy(letters => letters.Value);
            return (
                "dead letters",
                $"{stretch.Dead} of the last {all} records are dead letters, {count} of them for {reason}: "
                    + "is this the topic of events? What is wrong with "
                    + $"each stands in the headers of topic '{deadLetters}' (schemas/dead-letter.md)"
            );
        }
        if (few > 0 && stretch.Unwanted >= few)
        {
            return (
                "unwanted types",
                $"all of the last {few} events are of types that are not worked: --types is '{types}'. "
                    + "Are they spelt so in the events?"
            );
        }
        if (stretch.Accepted > 0 && stretch.Unknown >= NearlyAll * stretch.Accepted)
        {
            return (
                "unknown items",
                $"{stretch.Unknown} of the last {stretch.Accepted} accepted events are on items that the model does "
                    + "not know: was the bundle trained on other data, or are the items' ids spelt otherwise there? "
                    + "They are kept, and a bundle that knows the items makes lists of them"
            );
        }
        return few > 0 && stretch.Known == 0 && all < 2 * few
            ? (
                "no lists",
                $"none of the last {few} events made a list: {stretch.Unknown} are on items that the model does not "
                    + $"know, {stretch.Late} older than all that is kept of their users, "
                    + $"{stretch.Unwanted} of types that are not worked, "
                    + $"{stretch.Dead} dead letters"
            )
            : (null, "");
    }

    [LoggerMessage(26, LogLevel.Warning, "Worked for nothing: {Why}.")]
    private static partial void LogUseless(ILogger log, string why);

    [LoggerMessage(27, LogLevel.Information, "Events make lists again, after {Seconds:F0} s of {Kind}.")]
    private static partial void LogUseful(ILogger log, string kind, double seconds);
}
