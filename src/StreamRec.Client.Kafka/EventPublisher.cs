using Confluent.Kafka;
using StreamRec.Events;

namespace StreamRec.Client.Kafka;

/// <summary>
/// Publishes click events: checked against the contract, keyed by the user id, partitioned by its hash as the worker
/// expects, idempotent. Safe for any number of threads; make one for the life of the program.
/// </summary>
public sealed class EventPublisher : IDisposable
{
    private readonly RecordProducer _producer;
    private readonly TopicPartition _place;
    private long _failed;
    private volatile Error? _firstFailure;
    private volatile byte[]? _firstFailed;

    /// <param name="config">How to reach Kafka: bootstrap servers, TLS, SASL, …</param>
    /// <param name="topic">The topic of click events.</param>
    /// <param name="partitioner">The topic's other producers' and the worker's.</param>
    /// <param name="onLog">Takes the lines of the client's log, from its threads; null: they go to standard
    /// error.</param>
    /// <exception cref="InvalidOperationException">Kafka's client refuses the configuration.</exception>
    public EventPublisher(
        ClientConfig config,
        string topic,
        EventPartitioner partitioner = EventPartitioner.Murmur2,
        Action<LogMessage>? onLog = null
    )
    {
        _place = new TopicPartition(topic, Partition.Any);
        var settings = new ProducerConfig(new ClientConfig(config.ToDictionary(pair => pair.Key, pair => pair.Value)))
        {
            Partitioner =
                partitioner == EventPartitioner.Crc32 ? Partitioner.ConsistentRandom : Partitioner.Murmur2Random,
        };
        settings.LingerMs ??= 1;
        _producer = new RecordProducer(settings, OnFailed, onLog);
    }

    /// <summary>
    /// Why the first event that Kafka did not take was not taken; null while all were, and again once a flush has lost
    /// none.
    /// </summary>
    public Error? FirstFailure => _firstFailure;

    /// <summary>That event; null where there is none.</summary>
    public ClickEvent? FirstFailed =>
        _firstFailed is { } value && EventJson.TryParse(value, out var click, out _) ? click : null;

    /// <summary>Publishes an event, and waits until Kafka has it.</summary>
    /// <returns>Where it stands in the log.</returns>
    /// <exception cref="InvalidEventException">The event breaks the contract.</exception>
    /// <exception cref="ProduceException{TKey,TValue}">Kafka did not take it. Publish it again: a duplicate counts
    /// once.</exception>
    public async Task<TopicPartitionOffset> PublishAsync(ClickEvent click, CancellationToken cancel = default) =>
        (await _producer.ProduceAsync(_place, Message(click), cancel).ConfigureAwait(false)).TopicPartitionOffset;

    /// <summary>
    /// Hands an event to the client, for many at once; waits while its queue is full. <see cref="Flush"/> tells of
    /// failures.
    /// </summary>
    /// <exception cref="InvalidEventException">The event breaks the contract.</exception>
    public void Enqueue(in ClickEvent click) => _producer.Enqueue(_place, Message(click));

    /// <summary>Waits until Kafka has every event that was enqueued.</summary>
    /// <returns>How many it did not take since the flush before, or does not have yet; <see cref="FirstFailure"/> says
    /// why.</returns>
    public long Flush(TimeSpan limit)
    {
        var missing = _producer.Flush(limit) + Interlocked.Exchange(ref _failed, 0);
        if (missing == 0)
        {
            (_firstFailure, _firstFailed) = (null, null);
        }
        return missing;
    }

    /// <summary>Ends the client; what was not flushed may be lost.</summary>
    public void Dispose() => _producer.Dispose();

    private static Message<byte[], byte[]> Message(in ClickEvent click) =>
        EventRules.Check(click) is { } error
            ? throw new InvalidEventException(error)
            : new() { Key = System.Text.Encoding.UTF8.GetBytes(click.UserId), Value = EventJson.ToUtf8(click) };

    private void OnFailed(Error error, Message<byte[], byte[]> message)
    {
        if (_firstFailure is null)
        {
            (_firstFailed, _firstFailure) = (message.Value, error);
        }
        Interlocked.Increment(ref _failed);
    }
}
