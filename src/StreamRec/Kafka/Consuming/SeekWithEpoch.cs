using System.Runtime.CompilerServices;
using Confluent.Kafka;

namespace StreamRec.Kafka.Consuming;

/// <summary>A seek that says of which epoch the record before the position is.</summary>
/// <remarks>
/// With an epoch librdkafka asks the broker whether the log still holds the position (OffsetForLeaderEpoch, KIP-320);
/// of an assignment it does not ask. Confluent.Kafka 2.16 can hand the epoch on, but <c>IConsumer.Seek</c> leaves it
/// out, so the method below that one is called. Where a later package has no such method, the first seek fails.
/// </remarks>
internal static class SeekWithEpoch
{
    private const string HandleType = "Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka";

    /// <exception cref="KafkaException">The client does not fetch the partition now, or did not answer in
    /// time.</exception>
    public static void Seek(IConsumer<byte[], byte[]> consumer, TopicPartitionOffset start, TimeSpan timeout) =>
        Seek(
            HandleOf(consumer.Handle),
            start.Topic,
            start.Partition,
            start.Offset,
            (int)timeout.TotalMilliseconds,
            start.LeaderEpoch
        );

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType(HandleType)]
    private static extern object HandleOf(Handle handle);

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern void Seek(
        [UnsafeAccessorType(HandleType)] object handle,
        string topic,
        Partition partition,
        Offset offset,
        int millisecondsTimeout,
        int? leaderEpoch
    );
}
