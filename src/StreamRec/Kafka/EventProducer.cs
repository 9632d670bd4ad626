using Confluent.Kafka;
using StreamRec.Client;
using StreamRec.Events;

namespace StreamRec.Kafka;

/// <summary>The client's publisher as the commands use it: many events at once, and failures as messages that name the next thing to do.</summary>
internal sealed class EventProducer(KafkaSettings settings, string topic) : IDisposable
{
    private readonly EventPublisher _publisher = settings.Open(() => new EventPublisher(settings.Apply(new ClientConfig()), topic, settings.Log.Write));

    /// <summary>Hands an event to the client; waits while its queue is full. Failures are told by <see cref="Flush"/>.</summary>
    /// <exception cref="StreamRecException">An event before was refused for want of a right.</exception>
    public void Publish(in ClickEvent click)
    {
        if (Refusal is { } refusal)
        {
            throw refusal;
        }
        _publisher.Enqueue(click);
    }

    /// <summary>Waits until every event is acknowledged.</summary>
    /// <exception cref="StreamRecException">Some were not.</exception>
    public void Flush(TimeSpan limit)
    {
        var missing = _publisher.Flush(limit);
        if (missing > 0)
        {
            throw Refusal ?? new StreamRecException(
                $"{missing} events were not acknowledged by topic '{topic}' ({_publisher.FirstFailure?.Reason ?? "time ran out"}). Produce them again: duplicates are removed.",
                ExitCode.Unreachable);
        }
    }

    private StreamRecException? Refusal =>
        _publisher.FirstFailure is { } failure ? settings.Refusal(failure, $"writing to topic '{topic}'") : null;

    public void Dispose() => _publisher.Dispose();
}
