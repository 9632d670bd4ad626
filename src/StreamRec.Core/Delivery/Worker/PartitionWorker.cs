using System.Threading.Channels;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>Kafka's timestamps of a batch's first and last record in the log, in ms since 1970.</summary>
public readonly record struct BatchTimes(long FirstMs, long LastMs);

/// <summary>
/// Drives <see cref="PartitionLife"/> for one partition: does what it decides and tells it what came of it. Lives as
/// long as the process may be assigned the partition.
/// </summary>
/// <remarks>
/// Its members may be called from any thread; they leave a message, or read what the loop wrote last.
/// <see cref="RunAsync"/> is the one loop, which takes the messages and owns all else. After it has ended, messages are
/// lost, which is safe at any moment: the store decides where the next owner starts.
/// </remarks>
public sealed class PartitionWorker
{
    private readonly PartitionPorts _ports;
    private readonly RecordInbox _inbox;
    private readonly PartitionProgress _progress;
    private readonly PartitionLoop _loop;
    private readonly Channel<PartitionMessage> _mailbox = Channel.CreateUnbounded<PartitionMessage>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    /// <summary>Makes a worker that owns nothing until <see cref="Assign"/>.</summary>
    public PartitionWorker(PartitionIdentity partition, PartitionPorts ports, PartitionWorkerOptions options)
        : this(partition, ports, options, new ComputePlace()) { }

    internal PartitionWorker(
        PartitionIdentity partition,
        PartitionPorts ports,
        PartitionWorkerOptions options,
        IComputePlace place
    )
    {
        (Partition, _ports) = (partition, ports);
        (_inbox, _progress) = (new(options), new(ports.Time));
        _loop = new(partition, ports, options, place, _mailbox, _inbox, _progress);
    }

    /// <summary>Raised by the loop when the partition is stopped to protect the data.</summary>
    public event Action<PartitionHalt>? Halted
    {
        add => _loop.Halted += value;
        remove => _loop.Halted -= value;
    }

    /// <summary>Raised by the loop once a batch is in the store.</summary>
    public event Action<PartitionIdentity, BatchTimes>? Written
    {
        add => _loop.Written += value;
        remove => _loop.Written -= value;
    }

    /// <summary>
    /// Raised when three quarters of <see cref="PartitionWorkerOptions.PendingRecords"/> wait and no more.
    /// </summary>
    public event Action? Drained
    {
        add => _inbox.Drained += value;
        remove => _inbox.Drained -= value;
    }

    /// <summary>Is told every input and what was decided, by the loop.</summary>
    internal Action<PartitionInput, IReadOnlyList<PartitionDecision>>? Observer
    {
        init => _loop.Observer = value;
    }

    /// <summary>Stands in for the state machine, in tests that break one of its rules.</summary>
    internal PartitionHandler? Handler
    {
        init => _loop.Handler = value;
    }

    public PartitionIdentity Partition { get; }

    public PartitionCounters Counters => _loop.Counters;

    /// <summary>What the partition waits for.</summary>
    public PartitionPhase Phase => _progress.Phase;

    /// <summary><c>n</c>, as far as this worker knows; 0 without a claim.</summary>
    public long NextOffset => _progress.NextOffset;

    /// <summary>
    /// The last <c>n</c> that the store told of while the partition was this worker's; null before it told of any.
    /// </summary>
    /// <remarks>
    /// Unlike <see cref="NextOffset"/> it outlives the claim: how far behind a partition is that waits for one.
    /// </remarks>
    public long? Reached => _progress.Reached;

    /// <summary>
    /// Whether the log holds the position that this claim began at: it gave a record from there on, or said that its
    /// end is there.
    /// </summary>
    public bool Heard => _progress.Heard;

    /// <summary>When the loop last took a message: with <see cref="Tick"/>, one that has not for long hangs.</summary>
    public long Turned => _progress.Turned;

    /// <summary>
    /// What is under way since the last step forward, or what holds it up; null at rest, with nothing to do.
    /// </summary>
    public PartitionWait? Waiting => _progress.Waiting;

    /// <summary>The last failure of the store, the broker or the dead letters, for reports.</summary>
    public Exception? LastError => _progress.LastError;

    /// <summary>Records delivered and not yet taken into a batch.</summary>
    public int Pending => _inbox.Waiting;

    /// <summary>Whether the consumer should go on with this partition; else it need not be in a hurry.</summary>
    public bool WantsRecords => TakesRecords && _inbox.WantsMore;

    /// <summary>
    /// Whether the consumer may go on with this partition, as others want records; else it pauses it.
    /// </summary>
    public bool TakesRecords =>
        Phase
            is not (
                PartitionPhase.Released
                or PartitionPhase.Claiming
                or PartitionPhase.AwaitingModel
                or PartitionPhase.Halted
            )
        && _inbox.HasRoom;

    /// <summary>Runs the partition until cancelled. Revoke first for a clean end.</summary>
    /// <returns>Completes when nothing is computed any more, of what uses the ports.</returns>
    public Task RunAsync(CancellationToken cancel) => _loop.RunAsync(cancel);

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
        if (!Post(PartitionInput.Revoked(), new PartitionNote.Leaving(released)))
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

    /// <summary>
    /// Batches that begin from now on are computed by a model of this promotion, and never an older one. What waits for
    /// it goes on.
    /// </summary>
    public void ModelReady(long promotion) => Post(PartitionInput.ModelReady(promotion));

    /// <summary>The store's connection was made anew.</summary>
    public void Reconnect() => Post(PartitionInput.Reconnected());

    /// <summary>
    /// To be called now and then: checks, when there is nothing to do, that the store still is where it was.
    /// </summary>
    public void Tick() => Post(PartitionInput.IdleTick());

    /// <summary>A record was fetched.</summary>
    public void Deliver(int session, in LogRecord record) =>
        Arrive(new(PartitionInput.Fetched(record.Offset, record.Epoch), null, session, record));

    /// <summary>The consumer is at the log's end.</summary>
    public void DeliverEnd(int session, long position) =>
        Arrive(new(PartitionInput.EndOfPartition(position), null, session));

    /// <summary>
    /// The position is outside the log, which reaches from <paramref name="start"/> to <paramref name="end"/>.
    /// </summary>
    public void DeliverOutOfRange(int session, long start, long end) =>
        Arrive(new(PartitionInput.OutOfRange(start, end), null, session));

    /// <summary>The client found the log truncated below the position's epoch.</summary>
    public void DeliverFork(int session) => Arrive(new(PartitionInput.LogForked(), null, session));

    private void Arrive(in PartitionMessage message)
    {
        _inbox.Arrive(message.Record);
        _mailbox.Writer.TryWrite(message);
    }

    private bool Post(PartitionInput input, PartitionNote? note = null) => _mailbox.Writer.TryWrite(new(input, note));
}
