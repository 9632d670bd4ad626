using StreamRec.Delivery.Protocol;

namespace StreamRec.Kafka.Consuming;

/// <summary>How far each partition is done, until the client is told. Thread-safe.</summary>
/// <remarks>Telling it of every batch makes a dozen objects each time, and it commits only every few seconds.</remarks>
internal sealed class DoneOffsets(int partitions)
{
    private readonly Lock _lock = new();
    private readonly LogPosition?[] _done = new LogPosition?[partitions];

    public void Note(int partition, LogPosition to)
    {
        lock (_lock)
        {
            _done[partition] = to;
        }
    }

    /// <summary>The partition is another worker's: what was noted is behind what that one will note.</summary>
    public void Forget(int partition)
    {
        lock (_lock)
        {
            _done[partition] = null;
        }
    }

    /// <summary>What was noted since the last call.</summary>
    public IReadOnlyList<(int Partition, LogPosition To)> Take()
    {
        var taken = new List<(int, LogPosition)>();
        lock (_lock)
        {
            for (var partition = 0; partition < _done.Length; partition++)
            {
                if (_done[partition] is { } to)
                {
                    taken.Add((partition, to));
                    _done[partition] = null;
                }
            }
        }
        return taken;
    }
}
