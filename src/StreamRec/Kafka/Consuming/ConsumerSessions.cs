using System.Collections.Concurrent;
using Confluent.Kafka;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Kafka.Consuming;

/// <summary>The sessions of partitions: which are asked for, in which each is, and how one begins.</summary>
/// <remarks>
/// <see cref="Ask"/> and <see cref="Of"/> may be called from any thread; the rest is the polling thread's.
/// </remarks>
internal sealed class ConsumerSessions(string topic, int partitions)
{
    private static readonly TimeSpan s_seek = TimeSpan.FromSeconds(1);

    // The newest of each partition: one that came first and could not be done must not be done after the one that
    // replaced it.
    private readonly ConcurrentDictionary<int, Asked> _asked = new();
    private readonly int[] _sessions = new int[partitions];

    // Whether anything may be asked for: looked at with every record.
    private volatile bool _open;

    // Where each partition is assigned, and the seek is still to come.
    private readonly Asked?[] _assigned = new Asked?[partitions];

    /// <summary>The session that a partition is in; 0 before the first since it was assigned.</summary>
    public int Of(int partition) => Volatile.Read(ref _sessions[partition]);

    public void Ask(int partition, LogPosition start, int session)
    {
        _asked[partition] = new(
            new TopicPartitionOffset(topic, partition, start.Offset, start.Epoch < 0 ? null : start.Epoch),
            session
        );
        _open = true;
    }

    /// <summary>Begins what is asked for, as far as the client lets it now; the rest after the next poll.</summary>
    /// <param name="assigned">The partitions that are the consumer's: of another none is begun.</param>
    public void Begin(IConsumer<byte[], byte[]> consumer, ReadOnlySpan<int> assigned, ConsumerPauses pauses)
    {
        if (!_open)
        {
            return;
        }
        _open = false;
        foreach (var asked in _asked)
        {
            if (!assigned.Contains(asked.Key) || TryBegin(consumer, asked.Key, asked.Value, pauses))
            {
                _asked.TryRemove(asked);
            }
            else
            {
                _open = true;
            }
        }
    }

    /// <summary>A partition was assigned by its group, and is in no session yet.</summary>
    public void Forget(int partition)
    {
        _assigned[partition] = null;
        Volatile.Write(ref _sessions[partition], 0);
    }

    /// <summary>
    /// The client told a fault of a partition: one that waits for its seek may be fetched no more, and takes none then.
    /// </summary>
    public void StartOver(int partition) => _assigned[partition] = null;

    private bool TryBegin(IConsumer<byte[], byte[]> consumer, int partition, Asked asked, ConsumerPauses pauses)
    {
        if (_assigned[partition] != asked)
        {
            if (!TryAssign(consumer, asked.Start, pauses))
            {
                // Amid a rebalance the client takes no assignment.
                return false;
            }
            _assigned[partition] = asked;
        }
        if (!TrySeek(consumer, asked.Start, pauses))
        {
            // The assignment before this one is still being ended.
            return false;
        }
        _assigned[partition] = null;
        Volatile.Write(ref _sessions[partition], asked.Session);
        return true;
    }

    // Nothing is fetched before the seek: a position out of range would be told of then, and the client takes no seek
    // after that.
    private static bool TryAssign(IConsumer<byte[], byte[]> consumer, TopicPartitionOffset start, ConsumerPauses pauses)
    {
        // Refused where an attempt before got as far as this.
        Try(() => consumer.IncrementalUnassign([start.TopicPartition]));
        return Try(() =>
        {
            pauses.Hold(consumer, start.Partition);
            consumer.IncrementalAssign([start]);
        });
    }

    // The seek alone can lose the race with the fetch from the committed offset; the assignment alone does not look
    // whether the log still holds the position.
    private static bool TrySeek(
        IConsumer<byte[], byte[]> consumer,
        TopicPartitionOffset start,
        ConsumerPauses pauses
    ) =>
        Try(() =>
        {
            SeekWithEpoch.Seek(consumer, start, s_seek);
            pauses.Release(consumer, start.Partition);
        });

    private static bool Try(Action call)
    {
        try
        {
            call();
            return true;
        }
        catch (KafkaException fault) when (!fault.Error.IsFatal)
        {
            return false;
        }
    }

    private sealed record Asked(TopicPartitionOffset Start, int Session);
}
