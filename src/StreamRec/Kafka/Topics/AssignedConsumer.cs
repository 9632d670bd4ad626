using Confluent.Kafka;

namespace StreamRec.Kafka.Topics;

/// <summary>
/// A consumer of partitions that it is given by hand: it joins no group and commits nothing, leaves out what
/// transactions aborted, and says where a log ends.
/// </summary>
internal static class AssignedConsumer
{
    /// <param name="group">A name that the client demands.</param>
    /// <exception cref="StreamRecException">The client refuses a setting.</exception>
    public static IConsumer<byte[], byte[]> Open(KafkaSettings settings, string group)
    {
        var config = new ConsumerConfig
        {
            GroupId = group,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            QueuedMaxMessagesKbytes = 16_384,
            AutoOffsetReset = AutoOffsetReset.Error,
            IsolationLevel = IsolationLevel.ReadCommitted,
        };
        return settings.Open(() =>
            new ConsumerBuilder<byte[], byte[]>(settings.Apply(config)).SetLogHandler(settings.Log.Write).Build()
        );
    }
}
