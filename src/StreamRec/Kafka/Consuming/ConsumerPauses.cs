using Confluent.Kafka;
using StreamRec.Delivery.Worker;

namespace StreamRec.Kafka.Consuming;

/// <summary>
/// Which partitions are paused: those that have enough, and those that must not be fetched yet. The polling thread's
/// alone.
/// </summary>
internal sealed class ConsumerPauses(string topic, IReadOnlyList<PartitionWorker> workers)
{
    private readonly bool[] _paused = new bool[workers.Count];
    private readonly bool[] _held = new bool[workers.Count];

    /// <summary>A partition was assigned by its group.</summary>
    public void Forget(int partition) => (_paused[partition], _held[partition]) = (false, false);

    /// <summary>Pauses a partition until it is released, also beyond an assignment.</summary>
    public void Hold(IConsumer<byte[], byte[]> consumer, int partition)
    {
        consumer.Pause([new(topic, partition)]);
        _held[partition] = true;
    }

    public void Release(IConsumer<byte[], byte[]> consumer, int partition)
    {
        consumer.Resume([new(topic, partition)]);
        Forget(partition);
    }

    /// <summary>Has the client pause what has enough, and go on with what has not.</summary>
    public void Set(IConsumer<byte[], byte[]> consumer, ReadOnlySpan<int> assigned)
    {
        foreach (var partition in assigned)
        {
            // Before the first seek nothing is wanted, and nothing that comes is of the right session.
            var pause = _paused[partition] ? !workers[partition].WantsRecords : !workers[partition].TakesRecords;
            if (pause == _paused[partition] || _held[partition])
            {
                continue;
            }
            TopicPartition[] place = [new(topic, partition)];
            if (pause)
            {
                consumer.Pause(place);
            }
            else
            {
                consumer.Resume(place);
            }
            _paused[partition] = pause;
        }
    }

    /// <summary>Whether no partition wants records, though not all are paused yet.</summary>
    public bool HaveAllEnough(ReadOnlySpan<int> assigned)
    {
        var enough = false;
        foreach (var partition in assigned)
        {
            if (workers[partition].WantsRecords)
            {
                return false;
            }
            enough |= !_paused[partition] && !_held[partition];
        }
        return enough;
    }
}
