using Confluent.Kafka;
using StreamRec.Kafka;

namespace StreamRec.Bench;

/// <summary>What Kafka's client allocates for a record, in a consumer that throws it away.</summary>
internal static class ClientAllocation
{
    private const int Records = 20_000;
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(5);

    /// <returns>Bytes a record; null if the topic ends before enough were read.</returns>
    public static double? Measure(KafkaSettings settings, string topic)
    {
        using var consumer = settings.Open(() => new ConsumerBuilder<byte[], byte[]>(
                settings.Apply(
                    new ConsumerConfig
                    {
                        GroupId = "streamrec-bench-allocation",
                        EnableAutoCommit = false,
                        EnablePartitionEof = true,
                    }
                )
            ).SetLogHandler(settings.Log.Write).Build());
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        for (var i = 0; i < 100; i++)
        {
            if (consumer.Consume(s_poll) is null or { IsPartitionEOF: true })
            {
                return null;
            }
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Records; i++)
        {
            if (consumer.Consume(s_poll) is null or { IsPartitionEOF: true })
            {
                return i > Records / 10 ? (GC.GetAllocatedBytesForCurrentThread() - before) / (double)i : null;
            }
        }
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Records;
    }
}
