using Confluent.Kafka;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Kafka.Topics;

/// <summary>
/// Looks into a log beside the consumer that works it: its bounds, what was committed of it, and what a gap holds.
/// Calls block.
/// </summary>
/// <remarks>
/// By a client of its own each time: one that met a broker's restart may ask the group's coordinator in vain for ever.
/// </remarks>
/// <param name="group">The worker's group, so that its rights suffice. Nothing is committed to it, and it is not
/// joined.</param>
/// <param name="timeout">How long a call may block; 10 s unless given.</param>
internal sealed class LogProbe(KafkaSettings settings, string group, TimeSpan? timeout = null)
{
    // Of clients with connections of their own: a start of many partitions asks for each at once.
    private const int MostAtOnce = 4;

    private readonly TimeSpan _timeout = timeout ?? TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _free = new(MostAtOnce);

    /// <summary>Asks without blocking the caller.</summary>
    public async Task<T> AskAsync<T>(Func<LogProbe, T> ask, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel);
        try
        {
            return await Blocking.RunAsync(() => ask(this));
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>The first offset that is kept, and the offset behind the last.</summary>
    /// <exception cref="StreamRecException">Kafka does not answer, or refuses.</exception>
    public (long Low, long High) Bounds(TopicPartition partition) =>
        Asked(
            partition,
            consumer =>
            {
                var bounds = consumer.QueryWatermarkOffsets(partition, _timeout);
                return (bounds.Low.Value, bounds.High.Value);
            }
        );

    /// <summary>The offsets behind the last records, one after the other, of one client.</summary>
    /// <exception cref="KafkaException">One has no answer.</exception>
    public IEnumerable<(int Partition, long End)> Ends(string topic, IReadOnlyList<int> partitions)
    {
        using var consumer = Open();
        foreach (var partition in partitions)
        {
            yield return (
                partition,
                consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), _timeout).High.Value
            );
        }
    }

    /// <summary>The offset at which a first start begins.</summary>
    /// <inheritdoc cref="Bounds" path="/exception"/>
    public long Start(TopicPartition partition, StartPosition from) =>
        Asked(
            partition,
            consumer =>
            {
                if (from.Time is { } time)
                {
                    var found = consumer.OffsetsForTimes(
                        [new TopicPartitionTimestamp(partition, new Timestamp(time))],
                        _timeout
                    )[0];
                    if (found.Offset.Value >= 0)
                    {
                        return found.Offset.Value;
                    }
                }
                var bounds = consumer.QueryWatermarkOffsets(partition, _timeout);
                return from.Latest || from.Time is not null ? bounds.High.Value : bounds.Low.Value;
            }
        );

    /// <summary>The group's committed offset; null if it never committed one.</summary>
    /// <inheritdoc cref="Bounds" path="/exception"/>
    public long? Committed(TopicPartition partition) =>
        Asked<long?>(
            partition,
            consumer =>
                consumer.Committed([partition], _timeout)[0].Offset.Value is >= 0 and var offset ? offset : null,
            $"group '{group}' on "
        );

    /// <summary>What offsets from <paramref name="from"/> until <paramref name="to"/>, exclusive, hold.</summary>
    public GapAnswer Check(TopicPartition partition, long from, long to)
    {
        try
        {
            using var consumer = Open();
            var start = consumer.QueryWatermarkOffsets(partition, _timeout).Low.Value;
            if (start > from)
            {
                return new(GapVerdict.Retention, start);
            }
            consumer.Assign(new TopicPartitionOffset(partition, from));
            var result = consumer.Consume(_timeout);
            return new(
                result is null ? GapVerdict.Unknown
                : !result.IsPartitionEOF && result.Offset.Value < to ? GapVerdict.Records
                : GapVerdict.Hole
            );
        }
        catch (KafkaException)
        {
            return new(GapVerdict.Unknown);
        }
    }

    private T Asked<T>(TopicPartition partition, Func<IConsumer<byte[], byte[]>, T> ask, string of = "")
    {
        try
        {
            using var consumer = Open();
            return ask(consumer);
        }
        catch (KafkaException fault)
        {
            throw settings.Refusal(fault.Error, $"{of}topic '{partition.Topic}'")
                ?? settings.Unreachable(
                    $"did not tell of partition {partition.Partition.Value} of topic '{partition.Topic}' "
                        + $"({fault.Error.Reason})"
                );
        }
    }

    private IConsumer<byte[], byte[]> Open() => AssignedConsumer.Open(settings, group);
}
