using Microsoft.Extensions.Logging;
using StreamRec.Telemetry.Status;

namespace StreamRec.Telemetry;

/// <summary>The last lines of the log: all that was done, in numbers.</summary>
internal static partial class EndReport
{
    public static void Tell(WorkerStatus last, ILogger log)
    {
        LogEnded(
            log,
            last.Sum(p => p.Records),
            last.Sum(p => p.Steps),
            last.Sum(p => p.Lists),
            last.Sum(p => p.DeadLetters.Values.Sum()),
            GC.GetTotalAllocatedBytes()
        );
        var events = last.Outcomes;
        LogEvents(log, events.Accepted, events.Duplicates, events.Late, events.Unwanted, events.Unknown);
    }

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Stopped after {Records} records in {Steps} steps; "
            + "{Lists} lists, {DeadLetters} dead letters, {Allocated} bytes allocated"
    )]
    private static partial void LogEnded(
        ILogger log,
        long records,
        long steps,
        long lists,
        long deadLetters,
        long allocated
    );

    [LoggerMessage(
        7,
        LogLevel.Information,
        "Events: {Accepted} accepted, {Duplicates} duplicates, {Late} late, {Unwanted} of other types; "
            + "{UnknownItems} on items that the model does not know"
    )]
    private static partial void LogEvents(
        ILogger log,
        long accepted,
        long duplicates,
        long late,
        long unwanted,
        long unknownItems
    );
}
