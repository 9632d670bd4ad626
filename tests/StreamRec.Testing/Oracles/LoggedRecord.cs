using Confluent.Kafka;

namespace StreamRec.Testing.Oracles;

/// <summary>A record as a committed reader of the log sees it.</summary>
internal sealed record LoggedRecord(
    int Partition,
    long Offset,
    long TimestampMs,
    byte[]? Key,
    byte[]? Value,
    Headers Headers
);

/// <summary>A topic's whole content, read beside every worker.</summary>
internal sealed record TopicLog(IReadOnlyList<LoggedRecord> Records, long[] Ends)
{
    /// <summary>The offset behind each partition's last.</summary>
    public static long[] EndsOf(string bootstrap, string topic, int partitions)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(
            new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "oracle" }
        )
            .SetLogHandler((_, _) => { })
            .Build();
        return
        [
            .. Enumerable
                .Range(0, partitions)
                .Select(p =>
                    consumer.QueryWatermarkOffsets(new TopicPartition(topic, p), TimeSpan.FromSeconds(30)).High.Value
                ),
        ];
    }

    /// <summary>Reads all partitions from their start to their end of now, aborted transactions left out.</summary>
    public static TopicLog Read(string bootstrap, string topic, int partitions)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(
            new ConsumerConfig
            {
                BootstrapServers = bootstrap,
                GroupId = "oracle",
                EnableAutoCommit = false,
                EnablePartitionEof = true,
                AutoOffsetReset = AutoOffsetReset.Earliest,
                IsolationLevel = IsolationLevel.ReadCommitted,
            }
        ).SetLogHandler((_, _) => { }).Build();
        var places = Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p)).ToList();
        var ends = places.ConvertAll(p => consumer.QueryWatermarkOffsets(p, TimeSpan.FromSeconds(30)).High.Value);
        consumer.Assign(places.Select(p => new TopicPartitionOffset(p, Offset.Beginning)));
        var open = places.Count;
        List<LoggedRecord> records = [];
        while (open > 0)
        {
            if (consumer.Consume(TimeSpan.FromSeconds(30)) is not { } result)
            {
                throw new TimeoutException($"The log of {topic} could not be read to its end.");
            }
            if (result.IsPartitionEOF)
            {
                open--;
                continue;
            }
            records.Add(
                new(
                    result.Partition.Value,
                    result.Offset.Value,
                    result.Message.Timestamp.UnixTimestampMs,
                    result.Message.Key,
                    result.Message.Value,
                    result.Message.Headers
                )
            );
        }
        return new(records, [.. ends]);
    }
}
