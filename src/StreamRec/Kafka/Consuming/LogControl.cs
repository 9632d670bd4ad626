using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Kafka.Topics;

namespace StreamRec.Kafka.Consuming;

/// <summary>
/// What a topic's partitions ask of its log: they leave it here for the polling thread, or the broker is asked beside
/// that.
/// </summary>
/// <remarks>Thread-safe, but for what is said to be the polling thread's.</remarks>
internal sealed class LogControl(
    KafkaSettings settings,
    TopicFacts topic,
    GroupSettings group,
    StartPosition from,
    TopicInspector inspector
) : ILogControl
{
    private readonly LogProbe _probe = new(settings, group.Name);
    private readonly AutoResetEvent _wanted = new(false);
    private volatile int[] _assigned = [];

    public TopicFacts Topic => topic;

    public GroupSettings Group => group;

    public ConsumerSessions Sessions { get; } = new(topic.Name, topic.Partitions);

    public DoneOffsets Done { get; } = new(topic.Partitions);

    /// <summary>The partitions that are this consumer's now.</summary>
    public ReadOnlySpan<int> Assigned => _assigned;

    public bool IsAssigned(int partition) => _assigned.AsSpan().Contains(partition);

    /// <summary>For the polling thread: the group gave a partition.</summary>
    public void Assign(int partition)
    {
        Sessions.Forget(partition);
        if (!IsAssigned(partition))
        {
            _assigned = [.. _assigned, partition];
        }
    }

    /// <summary>For the polling thread: a partition was given back, or lost.</summary>
    public void Unassign(int partition) => _assigned = [.. _assigned.Where(p => p != partition)];

    /// <summary>A partition may want records again.</summary>
    public void Wake() => _wanted.Set();

    /// <summary>For the polling thread: rests until something is wanted, but not for long.</summary>
    public void Rest(TimeSpan most) => _wanted.WaitOne(most);

    public void Seek(PartitionIdentity partition, LogPosition start, int session)
    {
        Sessions.Ask(partition.Partition, start, session);
        Wake();
    }

    public void StoreOffset(PartitionIdentity partition, LogPosition to) => Done.Note(partition.Partition, to);

    public bool IsAssigned(PartitionIdentity partition) => IsAssigned(partition.Partition);

    public Task<GapAnswer> CheckGapAsync(
        PartitionIdentity partition,
        LogPosition from,
        long to,
        CancellationToken cancel
    ) => _probe.AskAsync(asked => asked.Check(new(topic.Name, partition.Partition), from.Offset, to), cancel);

    public Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel)
    {
        var place = new Confluent.Kafka.TopicPartition(topic.Name, partition.Partition);
        return _probe.AskAsync<LogPosition?>(
            asked => asked.Committed(place) is null ? new LogPosition(asked.Start(place, from), -1) : null,
            cancel
        );
    }

    /// <summary>Whether the topic is still there, and was not made anew.</summary>
    /// <exception cref="StreamRecException">The broker does not answer.</exception>
    public async Task<bool> IsSameTopicAsync() =>
        await inspector.LookAsync(topic.Name, identify: topic.Uuid != topic.Name) == topic;

    /// <summary>The first offset that is kept, and the offset behind the last.</summary>
    /// <exception cref="StreamRecException">The broker does not answer.</exception>
    public Task<(long Low, long High)> BoundsAsync(int partition) =>
        _probe.AskAsync(asked => asked.Bounds(new(topic.Name, partition)), CancellationToken.None);

    /// <summary>The ends of partitions' logs.</summary>
    /// <exception cref="Confluent.Kafka.KafkaException">One has no answer.</exception>
    public IEnumerable<(int Partition, long End)> Ends(IReadOnlyList<int> partitions) =>
        _probe.Ends(topic.Name, partitions);
}
