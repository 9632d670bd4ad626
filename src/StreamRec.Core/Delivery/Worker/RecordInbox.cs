using StreamRec.Delivery.Ports;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// Records that were delivered and not yet taken into a batch, and what the consumer may do about their number.
/// </summary>
/// <remarks>
/// The consumer counts what it delivers, before the loop can see it; the loop counts what leaves, and owns the queue.
/// </remarks>
internal sealed class RecordInbox(PartitionWorkerOptions options)
{
    private readonly Queue<PartitionMessage> _queue = new();
    private int _waiting;
    private long _waitingBytes;

    /// <summary>Raised by the loop when three quarters of what is wanted wait and no more.</summary>
    public event Action? Drained;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether more are wanted.</summary>
    public bool WantsMore => Waiting < options.PendingRecords;

    /// <summary>Whether more are taken before the consumer has to pause.</summary>
    public bool HasRoom => Waiting < options.PausedRecords && Volatile.Read(ref _waitingBytes) < options.PendingBytes;

    /// <summary>Something was delivered. From any thread, ahead of its message.</summary>
    public void Arrive(in LogRecord record)
    {
        Interlocked.Increment(ref _waiting);
        Interlocked.Add(ref _waitingBytes, Bytes(record));
    }

    /// <summary>It will not be taken into a batch, or is.</summary>
    public void Leave(in PartitionMessage message)
    {
        Interlocked.Add(ref _waitingBytes, -Bytes(message.Record));
        if (Interlocked.Decrement(ref _waiting) == options.PendingRecords * 3 / 4)
        {
            Drained?.Invoke();
        }
    }

    public void Add(in PartitionMessage message) => _queue.Enqueue(message);

    public bool TryPeek(out PartitionMessage message) => _queue.TryPeek(out message);

    /// <summary>Lets go of the first one.</summary>
    public LogRecord Take()
    {
        var message = _queue.Dequeue();
        Leave(message);
        return message.Record;
    }

    /// <summary>Lets go of all.</summary>
    public void Clear()
    {
        while (_queue.Count > 0)
        {
            Take();
        }
    }

    private static int Bytes(in LogRecord record) => record.Key.Length + record.Value.Length;
}
