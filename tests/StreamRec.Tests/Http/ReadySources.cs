using StreamRec.Delivery.Worker;
using StreamRec.Serving;
using StreamRec.Telemetry.Status;

namespace StreamRec.Tests.Http;

/// <summary>What a worker's status is made of where all it needs is there.</summary>
internal static class ReadySources
{
    public const long Lag = 7;

    public static StatusSources Of(params PartitionWorker[] workers) =>
        new()
        {
            Workers = workers,
            Events = new EventCounters(),
            LagOf = _ => Lag,
            Waits = new WaitBoard(workers, () => null, _ => null),
            Joined = () => true,
            Polled = TimeProvider.System.GetTimestamp,
            Answered = TimeProvider.System.GetTimestamp,
        };
}
