using Confluent.Kafka;
using StreamRec.Events;

namespace StreamRec.Kafka;

/// <summary>Publishes click events: idempotent, keyed by the user id, partitioned by murmur2 as Java producers do.</summary>
internal sealed class EventProducer : IDisposable
{
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;
    private long _failed;
    private string? _firstFailure;

    public EventProducer(KafkaSettings settings, string topic)
    {
        _topic = topic;
        _producer = new ProducerBuilder<byte[], byte[]>(settings.Apply(new ProducerConfig
        {
            EnableIdempotence = true,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 2,
        })).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Hands an event to the client; waits while its queue is full. Failures are told by <see cref="Flush"/>.</summary>
    public void Publish(in ClickEvent click)
    {
        var message = new Message<byte[], byte[]>
        {
            Key = System.Text.Encoding.UTF8.GetBytes(click.UserId), Value = EventJson.ToUtf8(click),
        };
        while (true)
        {
            try
            {
                _producer.Produce(_topic, message, OnDelivered);
                return;
            }
            catch (ProduceException<byte[], byte[]> fault) when (fault.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    /// <summary>Waits until every event is acknowledged.</summary>
    /// <exception cref="StreamRecException">Some were not.</exception>
    public void Flush(TimeSpan limit)
    {
        var left = _producer.Flush(limit);
        if (left > 0 || Interlocked.Read(ref _failed) > 0)
        {
            throw new StreamRecException(
                $"{left + _failed} events were not acknowledged by topic '{_topic}' ({_firstFailure ?? "time ran out"}). Produce them again: duplicates are removed.",
                ExitCode.Unreachable);
        }
    }

    private void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            Interlocked.Increment(ref _failed);
            _firstFailure ??= report.Error.Reason;
        }
    }

    public void Dispose() => _producer.Dispose();
}
