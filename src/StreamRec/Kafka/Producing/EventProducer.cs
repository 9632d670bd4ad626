using System.Globalization;
using Confluent.Kafka;
using StreamRec.Client.Kafka;
using StreamRec.Events;

namespace StreamRec.Kafka.Producing;

/// <summary>
/// The client's publisher as the commands use it: many events at once, and failures as messages that name the next
/// thing to do.
/// </summary>
/// <param name="partitioner">As <c>--partitioner</c> of the worker.</param>
/// <param name="most">The largest batch that the topic takes, in bytes; null where that is not known.</param>
internal sealed class EventProducer(
    KafkaSettings settings,
    string topic,
    string partitioner = KeyHash.Murmur2Name,
    int? most = null
) : IDisposable
{
    /// <summary>The client's own limit of a batch, which is the least of what it is told and of this.</summary>
    private const int StandardBatch = 1_000_000;

    private readonly EventPublisher _publisher = settings.Open(() =>
        new EventPublisher(Config(settings, most), topic, KeyHash.Producer(partitioner), onLog: settings.Log.Write)
    );

    /// <summary>
    /// Hands an event to the client; waits while its queue is full. Failures are told by <see cref="Flush"/>.
    /// </summary>
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
            throw Refusal ?? Missing(missing);
        }
    }

    private StreamRecException Missing(long events)
    {
        const string Again = "roduce them again: duplicates are removed.";
        if (_publisher.FirstFailure is not { } failure || !RecordProducer.IsTooLarge(failure))
        {
            var why = _publisher.FirstFailure?.Reason ?? "time ran out";
            return new(
                $"{events} events were not acknowledged by topic '{topic}' ({why}). P{Again}",
                FaultKind.Unreachable
            );
        }
        var first = _publisher.FirstFailed is { } click
            ? $", the first of them event '{Excerpt.Of(click.EventId)}' of user '{Excerpt.Of(click.UserId)}'"
            : "";
        return new(
            $"{events} events are larger than topic '{topic}' takes ({failure.Reason}){first}. "
                + $"Raise the topic's max.message.bytes, and p{Again}",
            FaultKind.Unreachable
        );
    }

    // So that few batches are refused as too large; those that are, are sent again in parts.
    private static ClientConfig Config(KafkaSettings settings, int? most)
    {
        var config = settings.Apply(new ClientConfig());
        if (most is > 0 and < StandardBatch and var bytes && settings.Further("batch.size") is null)
        {
            config.Set("batch.size", bytes.ToString(CultureInfo.InvariantCulture));
        }
        return config;
    }

    private StreamRecException? Refusal =>
        _publisher.FirstFailure is { } failure ? settings.Refusal(failure, $"writing to topic '{topic}'") : null;

    public void Dispose() => _publisher.Dispose();
}
