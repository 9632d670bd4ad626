using Confluent.Kafka;
using StreamRec.Events;

namespace StreamRec.Kafka;

/// <summary>Publishes click events: idempotent, keyed by the user id, partitioned by murmur2 as Java producers do.</summary>
internal sealed class EventProducer : IDisposable
{
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;
    private long _failed;
    private volatile Error? _firstFailure;
    private readonly KafkaSettings _settings;

    public EventProducer(KafkaSettings settings, string topic)
    {
        (_settings, _topic) = (settings, topic);
        _producer = new ProducerBuilder<byte[], byte[]>(settings.Apply(new ProducerConfig
        {
            EnableIdempotence = true,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 2,
        })).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Hands an event to the client; waits while its queue is full. Failures are told by <see cref="Flush"/>.</summary>
    /// <exception cref="StreamRecException">An event before was refused for want of a right.</exception>
    public void Publish(in ClickEvent click)
    {
        if (_firstFailure is { } failure && _settings.Refusal(failure, $"writing to topic '{_topic}'") is { } refusal)
        {
            throw refusal;
        }
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
            throw (_firstFailure is { } failure ? _settings.Refusal(failure, $"writing to topic '{_topic}'") : null) ?? new StreamRecException(
                $"{left + _failed} events were not acknowledged by topic '{_topic}' ({_firstFailure?.Reason ?? "time ran out"}). Produce them again: duplicates are removed.",
                ExitCode.Unreachable);
        }
    }

    private void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            Interlocked.Increment(ref _failed);
            _firstFailure ??= report.Error;
        }
    }

    public void Dispose() => _producer.Dispose();
}
