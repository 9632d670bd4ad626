using Confluent.Kafka;

namespace StreamRec.Kafka.Topics;

/// <summary>
/// Reads a topic once, all partitions, from the first record that is kept to the end that each partition has at the
/// start. Only committed records; control records at the end are passed over. Joins no group and commits nothing.
/// </summary>
internal sealed class TopicReader(KafkaSettings settings, string topic, CancellationToken cancel = default)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc cref="Records(DateTimeOffset?)" path="/exception"/>
    public IEnumerable<(int Partition, long Offset, byte[] Value)> Values() =>
        Records().Select(record => (record.Partition.Value, record.Offset.Value, record.Message.Value ?? []));

    /// <param name="since">Begin at the first records that are not older; null: at the first that are kept.</param>
    /// <exception cref="StreamRecException">The topic is not there, may not be read, or Kafka stops
    /// answering.</exception>
    /// <exception cref="OperationCanceledException">Reading was given up.</exception>
    public IEnumerable<ConsumeResult<byte[], byte[]>> Records(DateTimeOffset? since = null) =>
        Records(
            (consumer, partition, bounds) =>
                since is { } time ? Asked(() => Since(consumer, partition, time)) : bounds.Low
        );

    /// <param name="from">Where to begin, by partition.</param>
    /// <inheritdoc cref="Records(DateTimeOffset?)" path="/exception"/>
    public IEnumerable<ConsumeResult<byte[], byte[]>> Records(IReadOnlyList<long> from) =>
        Records((_, partition, bounds) => Math.Max(from[partition], bounds.Low.Value));

    /// <summary>The last records of each partition.</summary>
    /// <param name="most">Offsets at each partition's end, some of which may hold no record.</param>
    /// <inheritdoc cref="Records(DateTimeOffset?)" path="/exception"/>
    public IEnumerable<ConsumeResult<byte[], byte[]>> Last(int most) =>
        Records((_, _, bounds) => Math.Max(bounds.High.Value - most, bounds.Low.Value));

    private IEnumerable<ConsumeResult<byte[], byte[]>> Records(
        Func<IConsumer<byte[], byte[]>, int, WatermarkOffsets, Offset> startOf
    )
    {
        TopicFacts facts;
        using (var inspector = new TopicInspector(settings))
        {
            facts = inspector
                .DescribeAsync(topic, Confluent.Kafka.Admin.AclOperation.Read, identify: false, cancel)
                .GetAwaiter()
                .GetResult();
        }
        using var consumer = Open();
        var ends = new Dictionary<int, long>();
        var starts = new List<TopicPartitionOffset>();
        for (var partition = 0; partition < facts.Partitions; partition++)
        {
            cancel.ThrowIfCancellationRequested();
            var bounds = Asked(() => consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), s_timeout));
            var start = startOf(consumer, partition, bounds);
            if (bounds.High.Value > start.Value && start.Value >= 0)
            {
                ends[partition] = bounds.High.Value;
                starts.Add(new TopicPartitionOffset(topic, partition, start));
            }
        }
        consumer.Assign(starts);
        while (ends.Count > 0)
        {
            var result = Next(consumer);
            var partition = result.Partition.Value;
            if (!ends.TryGetValue(partition, out var end))
            {
                continue;
            }
            // An end of partition names the position behind control records and aborted transactions.
            if (result.IsPartitionEOF || result.Offset.Value >= end - 1)
            {
                ends.Remove(partition);
                if (!result.IsPartitionEOF && result.Offset.Value == end - 1)
                {
                    yield return result;
                }
                consumer.Pause([result.TopicPartition]);
                continue;
            }
            yield return result;
        }
    }

    /// <summary>One record; null where there is none at that offset.</summary>
    /// <inheritdoc cref="Records(DateTimeOffset?)" path="/exception"/>
    public Task<ConsumeResult<byte[], byte[]>?> AtAsync(TopicPartitionOffset place) =>
        Blocking.RunAsync(() =>
        {
            using var consumer = Open();
            var bounds = Asked(() => consumer.QueryWatermarkOffsets(place.TopicPartition, s_timeout));
            if (place.Offset.Value < bounds.Low.Value || place.Offset.Value >= bounds.High.Value)
            {
                return null;
            }
            consumer.Assign(place);
            var found = Next(consumer);
            return !found.IsPartitionEOF && found.Offset == place.Offset ? found : null;
        });

    private IConsumer<byte[], byte[]> Open() => AssignedConsumer.Open(settings, "streamrec-reader");

    /// <summary>Negative where all records are older.</summary>
    private Offset Since(IConsumer<byte[], byte[]> consumer, int partition, DateTimeOffset time) =>
        consumer
            .OffsetsForTimes([new TopicPartitionTimestamp(topic, partition, new Timestamp(time))], s_timeout)[0]
            .Offset;

    private ConsumeResult<byte[], byte[]> Next(IConsumer<byte[], byte[]> consumer)
    {
        for (var waited = TimeSpan.Zero; waited < s_timeout; waited += s_poll)
        {
            cancel.ThrowIfCancellationRequested();
            if (Asked(() => consumer.Consume(s_poll)) is { } result)
            {
                return result;
            }
        }
        throw settings.Unreachable($"sent nothing of topic '{topic}' for {s_timeout.TotalSeconds:F0} s");
    }

    private T Asked<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (KafkaException fault)
        {
            throw settings.Refusal(fault.Error, $"reading topic '{topic}'")
                ?? settings.Unreachable($"failed to read topic '{topic}' ({fault.Error.Reason})");
        }
    }
}
