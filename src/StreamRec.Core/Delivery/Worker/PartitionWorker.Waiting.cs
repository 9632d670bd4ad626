using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>What keeps the partition from going on, for whoever watches. Nothing here decides anything.</summary>
public sealed partial class PartitionWorker
{
    private const long AtRest = long.MinValue;

    // Written by the loop and the operation under way, read by any thread.
    private long _busySince = AtRest;
    private volatile Hindrance? _hindrance;
    private long _reached = -1;
    private long _turned;

    /// <summary>
    /// What is under way since the last step forward, or what holds it up; null at rest, with nothing to do.
    /// </summary>
    public PartitionWait? Waiting
    {
        get
        {
            var since = Volatile.Read(ref _busySince);
            if (since == AtRest)
            {
                return null;
            }
            var hindrance =
                _hindrance
                ?? Phase switch
                {
                    PartitionPhase.CheckingGap => s_unansweredLog,
                    PartitionPhase.Computing => s_computing,
                    PartitionPhase.Released or PartitionPhase.Halted or PartitionPhase.Ready => null,
                    _ => s_unansweredStore,
                };
            return hindrance is null ? null : new(hindrance.Reason, hindrance.Error, _ports.Time.GetElapsedTime(since));
        }
    }

    /// <summary>
    /// The last <c>n</c> that the store told of while the partition was this worker's; null before it told of any.
    /// </summary>
    /// <remarks>
    /// Unlike <see cref="NextOffset"/> it outlives the claim: how far behind a partition is that waits for one.
    /// </remarks>
    public long? Reached => Volatile.Read(ref _reached) is var reached and >= 0 ? reached : null;

    /// <summary>When the loop last took a message: with <see cref="Tick"/>, one that has not for long hangs.</summary>
    public long Turned => Volatile.Read(ref _turned);

    /// <summary>Records delivered and not yet taken into a batch.</summary>
    public int Pending => Volatile.Read(ref _waiting);

    private static readonly Hindrance s_unansweredLog = new(WaitReason.KafkaUnanswered, null);
    private static readonly Hindrance s_unansweredStore = new(WaitReason.StoreUnanswered, null);
    private static readonly Hindrance s_computing = new(WaitReason.Computing, null);

    private void Busy()
    {
        if (_busySince == AtRest)
        {
            Volatile.Write(ref _busySince, _ports.Time.GetTimestamp());
        }
    }

    private void Hinder(WaitReason reason, string? error) => _hindrance = new(reason, error);

    private void Hinder(Exception error)
    {
        switch (error)
        {
            case AmbiguousStoreException { Refused: true }:
                Hinder(WaitReason.StoreRefuses, error.Message);
                break;
            case UnansweredLogException:
                Hinder(WaitReason.KafkaUnanswered, error.Message);
                break;
            case TimeoutException:
                Hinder(WaitReason.StoreUnanswered, $"no answer within {_options.StoreTimeout.TotalSeconds:F0} s");
                break;
            default:
                Hinder(WaitReason.StoreUnanswered, error.Message);
                break;
        }
    }

    private void GoOn()
    {
        _hindrance = null;
        Volatile.Write(ref _busySince, AtRest);
    }

    // After anything but a record: with nothing under way, and nothing that failed since the last step.
    private void RestIfDone()
    {
        if (
            _state.Phase is PartitionPhase.Released or PartitionPhase.Halted
            || (_state.Phase == PartitionPhase.Ready && _state.Position.Offset == _state.Next.Offset && _failures == 0)
        )
        {
            GoOn();
        }
    }

    private sealed class UnansweredLogException(string message, Exception inner) : Exception(message, inner);

    private sealed record Hindrance(WaitReason Reason, string? Error);
}
