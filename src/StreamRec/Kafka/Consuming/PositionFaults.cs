using System.Runtime.ExceptionServices;
using Confluent.Kafka;
using StreamRec.Delivery.Worker;

namespace StreamRec.Kafka.Consuming;

/// <summary>Tells partitions that the log does not hold their position, once the broker has said more.</summary>
/// <remarks>
/// Faults come from the polling thread. The broker is asked beside it, until it answers or the session is over.
/// </remarks>
internal sealed class PositionFaults(
    LogControl control,
    ConsumerHealth health,
    IReadOnlyList<PartitionWorker> workers,
    TimeProvider time
)
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    // With auto.offset.reset=error the client tells of a log that was cut under the code of any position that cannot
    // be fetched: what is the matter is in the text alone.
    private static readonly string s_truncated = ErrorCode.Local_LogTruncation.GetReason();

    private readonly CancellationTokenSource _left = new();
    private volatile ExceptionDispatchInfo? _failed;

    /// <summary>Whether a fault is one of the position, and not of fetching from it.</summary>
    public static bool AreThey(Error fault) =>
        fault.Code is ErrorCode.OffsetOutOfRange or ErrorCode.Local_AutoOffsetReset or ErrorCode.Local_LogTruncation;

    /// <summary>Whether a fault says that the log was cut below the position.</summary>
    public static bool IsTruncation(Error fault) =>
        fault.Code == ErrorCode.Local_LogTruncation || fault.Reason.Contains(s_truncated, StringComparison.Ordinal);

    /// <summary>Looks into a fault, without blocking.</summary>
    public void Look(int partition, int session, Error fault) => _ = LookAsync(partition, session, IsTruncation(fault));

    /// <summary>Nobody is told any more.</summary>
    public void Leave() => _left.Cancel();

    /// <summary>Throws, on the polling thread, what nobody expected of looking into a fault.</summary>
    public void ThrowIfFailed() => _failed?.Throw();

    // Ends in no exception.
    private async Task LookAsync(int partition, int session, bool truncated)
    {
        health.Ask(
            partition,
            "the log does not hold the position, and the broker has not told yet where it begins and ends"
        );
        try
        {
            while (
                control.Sessions.Of(partition) == session
                && !_left.IsCancellationRequested
                && !await TryTellAsync(partition, session, truncated)
            )
            {
                await Task.Delay(s_again, time, _left.Token);
            }
        }
        catch (OperationCanceledException) when (_left.IsCancellationRequested)
        {
            // The group was left.
        }
        catch (Exception fault)
        {
            _failed = ExceptionDispatchInfo.Capture(fault);
        }
        health.Ask(partition, null);
    }

    private async Task<bool> TryTellAsync(int partition, int session, bool truncated)
    {
        try
        {
            // A topic that is gone or was made anew also looks like a log that was cut: that the topic's watch tells.
            if (!await control.IsSameTopicAsync())
            {
                return false;
            }
            if (truncated)
            {
                workers[partition].DeliverFork(session);
                return true;
            }
            var (low, high) = await control.BoundsAsync(partition);
            workers[partition].DeliverOutOfRange(session, low, high);
            return true;
        }
        catch (StreamRecException)
        {
            // The broker does not answer; the partition waits.
            return false;
        }
    }
}
