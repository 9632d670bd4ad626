using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// Whether a partition gets on, and what keeps it from that, for whoever watches. Written by the partition's loop
/// alone, read by any thread; nothing here decides anything but delays.
/// </summary>
internal sealed class PartitionProgress(TimeProvider time)
{
    private const long AtRest = long.MinValue;

    private long _busySince = AtRest;
    private volatile Hindrance? _hindrance;
    private volatile Exception? _lastError;
    private long _reached = -1;
    private int _phase;
    private bool _heard;
    private long _next;
    private long _turned;

    /// <summary>What the partition waits for, as of its last input.</summary>
    public PartitionPhase Phase => (PartitionPhase)Volatile.Read(ref _phase);

    public long NextOffset => Volatile.Read(ref _next);

    public long? Reached => Volatile.Read(ref _reached) is var reached and >= 0 ? reached : null;

    public Exception? LastError => _lastError;

    public long Turned => Volatile.Read(ref _turned);

    public bool Heard => Volatile.Read(ref _heard);

    /// <summary>Repetitions in a row. The loop's.</summary>
    public int Failures { get; set; }

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
                    PartitionPhase.CheckingGap => Hindrance.UnansweredLog,
                    PartitionPhase.Computing => Hindrance.Computing,
                    PartitionPhase.Released or PartitionPhase.Halted or PartitionPhase.Ready => null,
                    _ => Hindrance.UnansweredStore,
                };
            return hindrance is null ? null : new(hindrance.Reason, hindrance.Error, time.GetElapsedTime(since));
        }
    }

    public void Show(in PartitionState state)
    {
        Volatile.Write(ref _phase, (int)state.Phase);
        Volatile.Write(ref _next, state.Next.Offset);
    }

    public void Turn() => Volatile.Write(ref _turned, time.GetTimestamp());

    /// <summary>The log answered the last seek, or has not yet.</summary>
    public void Hear(bool heard)
    {
        if (_heard != heard)
        {
            Volatile.Write(ref _heard, heard);
        }
    }

    public void Busy()
    {
        if (_busySince == AtRest)
        {
            Volatile.Write(ref _busySince, time.GetTimestamp());
        }
    }

    public void Hinder(Hindrance? hindrance) => _hindrance = hindrance;

    /// <summary>Something failed, which may hold the partition up.</summary>
    public void Fail(Exception error, Hindrance? hindrance) => (_lastError, _hindrance) = (error, hindrance);

    /// <summary>The store told where the partition stands; null: it is this worker's no more.</summary>
    public void Reach(long? next) => Volatile.Write(ref _reached, next ?? -1);

    /// <summary>A step is applied.</summary>
    public void Step(long next)
    {
        Failures = 0;
        GoOn();
        Reach(next);
    }

    /// <summary>
    /// After anything but a record: with nothing under way, and nothing that failed since the last step.
    /// </summary>
    public void RestIfDone(in PartitionState state)
    {
        if (
            state.Phase is PartitionPhase.Released or PartitionPhase.Halted
            || (state.Phase == PartitionPhase.Ready && state.Position.Offset == state.Next.Offset && Failures == 0)
        )
        {
            GoOn();
        }
    }

    private void GoOn()
    {
        _hindrance = null;
        Volatile.Write(ref _busySince, AtRest);
    }
}

/// <summary>What keeps a partition from going on.</summary>
/// <param name="Error">What the other side said; null while it has said nothing.</param>
internal sealed record Hindrance(WaitReason Reason, string? Error)
{
    public static readonly Hindrance UnansweredLog = new(WaitReason.KafkaUnanswered, null);
    public static readonly Hindrance UnansweredStore = new(WaitReason.StoreUnanswered, null);
    public static readonly Hindrance Computing = new(WaitReason.Computing, null);
    public static readonly Hindrance DeadLetters = new(WaitReason.DeadLetters, null);
    public static readonly Hindrance OtherWorker = new(WaitReason.OtherWorker, null);

    /// <summary>The broker answered, and did not tell what a gap holds.</summary>
    public static Hindrance UntoldGap(long from, long to) =>
        new(WaitReason.KafkaUnanswered, $"it did not tell what offsets {from} to {to} hold");

    /// <param name="asked">The promotion that the partition is sealed for.</param>
    /// <param name="live">That of this worker's model.</param>
    public static Hindrance OlderModel(long asked, long live) =>
        new(
            WaitReason.Model,
            live == 0
                ? $"it is promotion {asked} that makes its lists, and this worker's model was not promoted"
                : $"it is promotion {asked} that makes its lists, and this worker's model is of promotion {live}"
        );

    /// <param name="limit">How long the store has to answer.</param>
    public static Hindrance Of(Exception error, TimeSpan limit) =>
        error switch
        {
            AmbiguousStoreException { Refused: true } => new(WaitReason.StoreRefuses, error.Message),
            UnansweredLogException => new(WaitReason.KafkaUnanswered, error.Message),
            TimeoutException => new(WaitReason.StoreUnanswered, $"no answer within {limit.TotalSeconds:F0} s"),
            _ => new(WaitReason.StoreUnanswered, error.Message),
        };
}

/// <summary>The log's broker failed, not the store.</summary>
internal sealed class UnansweredLogException(string message, Exception inner) : Exception(message, inner);
