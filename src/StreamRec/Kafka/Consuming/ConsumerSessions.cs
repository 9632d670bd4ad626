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

    // Where each partition is assigned, and the seek is still to come.
    private readonly Asked?[] _assigned = new Asked?[partitions];

    /// <summary>The session that a partition is in; 0 before the first since it was assigned.</summary>
    public int Of(int partition) => Volatile.Read(ref _sessions[partition]);

    public void Ask(int partition, LogPosition start, int session) =>
        _asked[partition] = new(
            new TopicPartitionOffset(topic, partition, start.Offset, start.Epoch < 0 ? null : start.Epoch),
            session
        );

    /// <summary>Begins what is asked for, as far as the client lets it now; the rest after the next poll.</summary>
    /// <param name="isAssigned">Whether a partition is the consumer's: of another none is begun.</param>
    public void Begin(IConsumer<byte[], byte[]> consumer, Func<int, bool> isAssigned, ConsumerPauses pauses)
    {
        foreach (var pair in _asked)
        {
            var (partition, asked) = pair;
            if (isAssigned(partition))
            {
                if (_assigned[partition] != asked)
                {
                    if (!TryAssign(consumer, asked.Start, pauses))
                    {
                        // Amid a rebalance the client takes no assignment.
                        return;
                    }
                    _assigned[partition] = asked;
                }
                if (!TrySeek(consumer, asked.Start, pauses))
                {
                    // The assignment before this one is still being ended.
                    continue;
                }
                _assigned[partition] = null;
                Volatile.Write(ref _sessions[partition], asked.Session);
            }
            _asked.TryRemove(pair);
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
