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

    /// <exception cref="StreamRecException">The topic is not there, may not be read, or Kafka stops
    /// answering.</exception>
    /// <exception cref="OperationCanceledException">Reading was given up.</exception>
    public IEnumerable<(int Partition, long Offset, byte[] Value)> Values()
    {
        TopicFacts facts;
        using (var inspector = new TopicInspector(settings))
        {
            facts = inspector
                .DescribeAsync(topic, Confluent.Kafka.Admin.AclOperation.Read, identify: false, cancel)
                .GetAwaiter()
                .GetResult();
        }
        using var consumer = settings.Open(() => new ConsumerBuilder<Ignore, byte[]>(
                settings.Apply(
                    new ConsumerConfig
                    {
                        // A group is demanded by the client; nothing is ever committed to it.
                        GroupId = "streamrec-reader",
                        EnableAutoCommit = false,
                        EnablePartitionEof = true,
                        AutoOffsetReset = AutoOffsetReset.Error,
                        IsolationLevel = IsolationLevel.ReadCommitted,
                    }
                )
            ).SetLogHandler(settings.Log.Write).Build());
        var ends = new Dictionary<int, long>();
        var starts = new List<TopicPartitionOffset>();
        for (var partition = 0; partition < facts.Partitions; partition++)
        {
            cancel.ThrowIfCancellationRequested();
            var bounds = Asked(() => consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), s_timeout));
            if (bounds.High.Value > bounds.Low.Value)
            {
                ends[partition] = bounds.High.Value;
                starts.Add(new TopicPartitionOffset(topic, partition, bounds.Low));
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
                    yield return (partition, result.Offset.Value, result.Message.Value ?? []);
                }
                consumer.Pause([result.TopicPartition]);
                continue;
            }
            yield return (partition, result.Offset.Value, result.Message.Value ?? []);
        }
    }

    private ConsumeResult<Ignore, byte[]> Next(IConsumer<Ignore, byte[]> consumer)
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
