using System.Threading.Channels;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>Kafka's timestamps of a batch's first and last record in the log, in ms since 1970.</summary>
public readonly record struct BatchTimes(long FirstMs, long LastMs);

/// <summary>What surrounds a partition.</summary>
/// <param name="Random">Jitter of delays only.</param>
public sealed record PartitionPorts(
    IStateStore Store,
    ILogControl Log,
    IBatchProcessor Processor,
    IDeadLetters DeadLetters,
    TimeProvider Time,
    Random Random
);

/// <summary>
/// Drives <see cref="PartitionLife"/> for one partition: does what it decides and tells it what came of it. Lives as
/// long as the process may be assigned the partition.
/// </summary>
/// <remarks>
/// Public members may be called from any thread and only leave a message. <see cref="RunAsync"/> is the one loop that
/// owns all fields; operations run beside it, one at a time, and touch only their arguments. After RunAsync has ended,
/// messages are lost, which is safe at any moment: the store decides where the next owner starts.
/// </remarks>
public sealed partial class PartitionWorker
{
    private readonly PartitionIdentity _partition;
    private readonly PartitionPorts _ports;
    private readonly PartitionWorkerOptions _options;
    private readonly PartitionLife _life;
    private readonly StateCache _cache;
    private readonly Channel<Message> _mailbox = Channel.CreateUnbounded<Message>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    // Written by the loop, read by any thread.
    private int _phase;
    private long _next;

    // Records delivered and not yet taken into a batch: added by the consumer, subtracted by the loop.
    private int _waiting;
    private long _waitingBytes;

    /// <summary>Makes a worker that owns nothing until <see cref="Assign"/>.</summary>
    public PartitionWorker(PartitionIdentity partition, PartitionPorts ports, PartitionWorkerOptions options)
    {
        (_partition, _ports, _options) = (partition, ports, options);
        _life = new PartitionLife(options.Policy with { ListsElsewhere = ports.Store.Lists is not null });
        _cache = new StateCache(options.CachedUsers);
        _batch = ports.Processor.Open(partition);
    }

    /// <summary>Raised by the loop when the partition is stopped to protect the data.</summary>
    public event Action<PartitionHalt>? Halted;

    /// <summary>Raised by the loop once a batch is in the store.</summary>
    public event Action<PartitionIdentity, BatchTimes>? Written;

    /// <summary>Is told every input and what was decided, by the loop.</summary>
    internal Action<PartitionInput, IReadOnlyList<PartitionDecision>>? Observer { get; init; }

    /// <summary>Stands in for the state machine, in tests that break one of its rules.</summary>
    internal PartitionHandler? Handler { get; init; }

    public PartitionIdentity Partition => _partition;

    public PartitionCounters Counters { get; } = new();

    /// <summary>What the partition waits for.</summary>
    public PartitionPhase Phase => (PartitionPhase)Volatile.Read(ref _phase);

    /// <summary><c>n</c>, as far as this worker knows; 0 without a claim.</summary>
    public long NextOffset => Volatile.Read(ref _next);

    /// <summary>The last failure of the store, the broker or the dead letters, for reports.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>Whether the consumer should go on with this partition; else it need not be in a hurry.</summary>
    public bool WantsRecords => TakesRecords && Volatile.Read(ref _waiting) < _options.PendingRecords;

    /// <summary>
    /// Whether the consumer may go on with this partition, as others want records; else it pauses it.
    /// </summary>
    public bool TakesRecords =>
        Phase is not (PartitionPhase.Released or PartitionPhase.Claiming or PartitionPhase.Halted)
        && Volatile.Read(ref _waiting) < _options.PausedRecords
        && Volatile.Read(ref _waitingBytes) < _options.PendingBytes;

    /// <summary>
    /// Raised when three quarters of <see cref="PartitionWorkerOptions.PendingRecords"/> wait and no more.
    /// </summary>
    public event Action? Drained;

    /// <summary>The partition was assigned: claim it. Does no I/O itself.</summary>
    public void Assign() => Post(PartitionInput.Assigned());

    /// <summary>The partition was lost: discard all, write nothing more.</summary>
    public void Lose() => Post(PartitionInput.Lost());

    /// <summary>
    /// The partition is being revoked: lets the batch in flight finish within <paramref name="limit"/>.
    /// </summary>
    /// <returns>Completes when the partition is released; at once where <see cref="RunAsync"/> is cancelled.</returns>
    public async Task RevokeAsync(TimeSpan limit)
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Post(PartitionInput.Revoked(), released))
        {
            return;
        }

        await using var timer = _ports.Time.CreateTimer(
            _ => Post(PartitionInput.FlushDue()),
            null,
            limit,
            Timeout.InfiniteTimeSpan
        );
        await released.Task;
    }

    /// <summary>The store's connection was made anew.</summary>
    public void Reconnect() => Post(PartitionInput.Reconnected());

    /// <summary>
    /// To be called now and then: checks, when there is nothing to do, that the store still is where it was.
    /// </summary>
    public void Tick() => Post(PartitionInput.IdleTick());

    /// <summary>A record was fetched.</summary>
    public void Deliver(int session, in LogRecord record)
    {
        Interlocked.Increment(ref _waiting);
        Interlocked.Add(ref _waitingBytes, Bytes(record));
        _mailbox.Writer.TryWrite(new(PartitionInput.Fetched(record.Offset, record.Epoch), null, session, record));
    }

    /// <summary>The consumer is at the log's end.</summary>
    public void DeliverEnd(int session, long position) => Arrive(session, PartitionInput.EndOfPartition(position));

    /// <summary>
    /// The position is outside the log, which reaches from <paramref name="start"/> to <paramref name="end"/>.
    /// </summary>
    public void DeliverOutOfRange(int session, long start, long end) =>
        Arrive(session, PartitionInput.OutOfRange(start, end));

    /// <summary>The client found the log truncated below the position's epoch.</summary>
    public void DeliverFork(int session) => Arrive(session, PartitionInput.LogForked());

    private static int Bytes(in LogRecord record) => record.Key.Length + record.Value.Length;

    private void Arrive(int session, PartitionInput input)
    {
        Interlocked.Increment(ref _waiting);
        _mailbox.Writer.TryWrite(new(input, null, session, default));
    }

    private bool Post(PartitionInput input, object? payload = null) =>
        _mailbox.Writer.TryWrite(new(input, payload, 0, default));

    /// <param name="Payload">What an answer brought, or whom to tell of the release.</param>
    private readonly record struct Message(PartitionInput Input, object? Payload, int Session, LogRecord Record);
}
