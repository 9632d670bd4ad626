using Confluent.Kafka;
using StreamRec.Pipeline;

namespace StreamRec.Kafka;

/// <summary>Looks into a log beside the consumer that works it: its bounds, and what a gap holds. Calls block for up to 10 s.</summary>
/// <param name="group">The worker's group, so that its rights suffice. Nothing is committed to it, and it is not joined.</param>
internal sealed class LogProbe(KafkaSettings settings, string group)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    /// <summary>The first offset that is kept, and the offset behind the last.</summary>
    public (long Low, long High) Bounds(TopicPartition partition)
    {
        using var consumer = Open();
        var bounds = consumer.QueryWatermarkOffsets(partition, s_timeout);
        return (bounds.Low.Value, bounds.High.Value);
    }

    /// <summary>The offset at which a first start begins.</summary>
    public long Start(TopicPartition partition, StartPosition from)
    {
        using var consumer = Open();
        if (from.Time is { } time)
        {
            var found = consumer.OffsetsForTimes([new TopicPartitionTimestamp(partition, new Timestamp(time))], s_timeout)[0];
            if (found.Offset.Value >= 0)
            {
                return found.Offset.Value;
            }
        }
        var bounds = consumer.QueryWatermarkOffsets(partition, s_timeout);
        return from.Latest || from.Time is not null ? bounds.High.Value : bounds.Low.Value;
    }

    /// <summary>What offsets from <paramref name="from"/> until <paramref name="to"/>, exclusive, hold.</summary>
    public GapAnswer Check(TopicPartition partition, long from, long to)
    {
        try
        {
            using var consumer = Open();
            var start = consumer.QueryWatermarkOffsets(partition, s_timeout).Low.Value;
            if (start > from)
            {
                return new(GapVerdict.Retention, start);
            }
            consumer.Assign(new TopicPartitionOffset(partition, from));
            var result = consumer.Consume(s_timeout);
            return new(result is null ? GapVerdict.Unknown
                : !result.IsPartitionEOF && result.Offset.Value < to ? GapVerdict.Records
                : GapVerdict.Hole);
        }
        catch (KafkaException)
        {
            return new(GapVerdict.Unknown);
        }
    }

    private IConsumer<byte[], byte[]> Open() => new ConsumerBuilder<byte[], byte[]>(settings.Apply(new ConsumerConfig
    {
        GroupId = group,
        EnableAutoCommit = false,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Error,
        IsolationLevel = IsolationLevel.ReadCommitted,
    })).SetLogHandler((_, _) => { }).Build();
}
