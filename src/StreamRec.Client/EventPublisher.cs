using Confluent.Kafka;
using StreamRec.Events;

namespace StreamRec.Client;

/// <summary>
/// Publishes click events: checked against the contract, keyed by the user id, partitioned by murmur2 as the worker
/// expects, idempotent. Safe for any number of threads; make one for the life of the program.
/// </summary>
public sealed class EventPublisher : IDisposable
{
    private static readonly TimeSpan s_room = TimeSpan.FromMilliseconds(20);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;
    private long _failed;
    private volatile Error? _firstFailure;

    /// <param name="config">How to reach Kafka: bootstrap servers, TLS, SASL, …</param>
    /// <param name="topic">The topic of click events.</param>
    /// <param name="onLog">Takes the lines of the client's log, from its threads; null: they go to standard error.</param>
    public EventPublisher(ClientConfig config, string topic, Action<LogMessage>? onLog = null)
    {
        _topic = topic;
        var settings = new ProducerConfig(new ClientConfig(config.ToDictionary(pair => pair.Key, pair => pair.Value)))
        {
            EnableIdempotence = true,
            Partitioner = Partitioner.Murmur2Random,
        };
        settings.LingerMs ??= 1;
        // Reports tell where an event stands, or what became of it; they need not bring its bytes back.
        settings.DeliveryReportFields ??= "status";
        var builder = new ProducerBuilder<byte[], byte[]>(settings);
        _producer = (onLog is null ? builder : builder.SetLogHandler((_, message) => onLog(message))).Build();
    }

    /// <summary>Why the first event that Kafka did not take was not taken; null while all were, and again once a flush has lost none.</summary>
    public Error? FirstFailure => _firstFailure;

    /// <summary>Publishes an event, and waits until Kafka has it.</summary>
    /// <returns>Where it stands in the log.</returns>
    /// <exception cref="InvalidEventException">The event breaks the contract.</exception>
    /// <exception cref="ProduceException{TKey,TValue}">Kafka did not take it. Publish it again: a duplicate counts once.</exception>
    public async Task<TopicPartitionOffset> PublishAsync(ClickEvent click, CancellationToken cancel = default) =>
        (await _producer.ProduceAsync(_topic, Message(click), cancel).ConfigureAwait(false)).TopicPartitionOffset;

    /// <summary>Hands an event to the client, for many at once; waits while its queue is full. <see cref="Flush"/> tells of failures.</summary>
    /// <exception cref="InvalidEventException">The event breaks the contract.</exception>
    public void Enqueue(in ClickEvent click)
    {
        var message = Message(click);
        while (true)
        {
            try
            {
                _producer.Produce(_topic, message, OnDelivered);
                return;
            }
            catch (ProduceException<byte[], byte[]> fault) when (fault.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Poll(s_room);
            }
        }
    }

    /// <summary>Waits until Kafka has every event that was enqueued.</summary>
    /// <returns>How many it did not take since the flush before, or does not have yet; <see cref="FirstFailure"/> says why.</returns>
    public long Flush(TimeSpan limit)
    {
        var missing = _producer.Flush(limit) + Interlocked.Exchange(ref _failed, 0);
        if (missing == 0)
        {
            _firstFailure = null;
        }
        return missing;
    }

    /// <summary>Ends the client; what was not flushed may be lost.</summary>
    public void Dispose() => _producer.Dispose();

    private static Message<byte[], byte[]> Message(in ClickEvent click) => EventRules.Check(click) is { } error
        ? throw new InvalidEventException(error)
        : new() { Key = System.Text.Encoding.UTF8.GetBytes(click.UserId), Value = EventJson.ToUtf8(click) };

    private void OnDelivered(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
        {
            _firstFailure ??= report.Error;
            Interlocked.Increment(ref _failed);
        }
    }
}
