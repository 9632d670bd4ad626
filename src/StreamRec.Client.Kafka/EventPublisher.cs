using Confluent.Kafka;
using StreamRec.Events;

namespace StreamRec.Client.Kafka;

/// <summary>
/// Publishes click events: checked against the contract, keyed by the user id, partitioned by its hash as the worker
/// expects, idempotent. Safe for any number of threads; make one for the life of the program.
/// </summary>
public sealed class EventPublisher : IEventPublisher, IDisposable
{
    private const int LongestQuestionMs = 10_000;

    private readonly RecordProducer _producer;
    private readonly TopicPartition _place;
    private readonly PartitionerCheck _partitioner;
    private readonly IAdminClient _admin;
    private readonly TimeSpan _question;
    private int _uses = 1;
    private bool _disposed;
    private long _failed;
    private volatile Error? _firstFailure;
    private volatile byte[]? _firstFailed;
    private volatile string? _topicUuid;

    /// <summary>Makes a publisher; it connects in the background.</summary>
    /// <param name="config">How to reach Kafka: bootstrap servers, TLS, SASL, …</param>
    /// <param name="topic">The topic of click events.</param>
    /// <param name="partitioner">The topic's other producers' and the worker's.</param>
    /// <param name="workers">Knows what the worker expects: what differs is refused. Null: nobody is asked.</param>
    /// <param name="onLog">Takes the lines of the client's log, from its threads; null: they go to standard
    /// error.</param>
    /// <exception cref="ArgumentException">The topic has no name, or the configuration has another
    /// partitioner.</exception>
    /// <exception cref="InvalidOperationException">Kafka's client refuses the configuration.</exception>
    public EventPublisher(
        ClientConfig config,
        string topic,
        EventPartitioner partitioner = EventPartitioner.Murmur2,
        IPartitionerSource? workers = null,
        Action<LogMessage>? onLog = null
    )
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        PartitionerCheck.Refuse(config, partitioner);
        _partitioner = new PartitionerCheck(topic, partitioner, workers);
        _place = new TopicPartition(topic, Partition.Any);
        var settings = new ProducerConfig(new ClientConfig(config.ToDictionary(pair => pair.Key, pair => pair.Value)))
        {
            Partitioner =
                partitioner == EventPartitioner.Crc32 ? Partitioner.ConsistentRandom : Partitioner.Murmur2Random,
        };
        settings.LingerMs ??= 1;
        _question = TimeSpan.FromMilliseconds(
            Math.Clamp(settings.MessageTimeoutMs ?? LongestQuestionMs, 1, LongestQuestionMs)
        );
        _producer = new RecordProducer(settings, OnFailed, onLog);
        _admin = new DependentAdminClientBuilder(_producer.Handle).Build();
    }

    /// <summary>
    /// Why the first event that Kafka did not take was not taken; null while all were, and again once a flush has lost
    /// none.
    /// </summary>
    public Error? FirstFailure => _firstFailure;

    /// <summary>That event; null where there is none.</summary>
    public ClickEvent? FirstFailed =>
        _firstFailed is { } value && EventJson.TryParse(value, out var click, out _) ? click : null;

    /// <summary>
    /// Whether the topic's incarnation is asked for. The embedded broker has none to tell, and no controller to ask.
    /// </summary>
    internal bool Identifies { get; init; } = true;

    /// <inheritdoc/>
    public async Task<EventPosition> PublishAsync(ClickEvent click, CancellationToken cancel = default)
    {
        var message = Message(click);
        using var publishing = PublisherTelemetry.Begin(_place.Topic, message);
        try
        {
            await _partitioner.CheckAsync(cancel).ConfigureAwait(false);
            var uuid = await UuidAsync(mayBeMade: true, cancel).ConfigureAwait(false);
            var taken = await _producer.ProduceAsync(_place, message, cancel).ConfigureAwait(false);
            uuid ??= await UuidAsync(mayBeMade: false, cancel).ConfigureAwait(false);
            publishing.Published(taken.Partition.Value, taken.Offset.Value);
            return new(uuid!, taken.Partition.Value, taken.Offset.Value);
        }
        catch (KafkaException fault)
        {
            publishing.Failed(fault.Error.Code.ToString());
            throw new EventNotPublishedException(
                $"Topic '{_place.Topic}' did not take the event: {fault.Error.Reason}",
                fault
            );
        }
    }

    /// <inheritdoc/>
    /// <remarks>Whether the worker hashes as this does is checked by <see cref="CheckAsync"/> and by
    /// <see cref="PublishAsync"/>, not here.</remarks>
    public void Enqueue(in ClickEvent click) => _producer.Enqueue(_place, Message(click));

    /// <inheritdoc/>
    /// <remarks><see cref="FirstFailure"/> says why some were not taken.</remarks>
    public long Flush(TimeSpan limit)
    {
        var missing = _producer.Flush(limit) + Interlocked.Exchange(ref _failed, 0);
        if (missing == 0)
        {
            (_firstFailure, _firstFailed) = (null, null);
        }
        return missing;
    }

    /// <summary>Asks, on the connection that events take, whether brokers answer and the worker hashes as this
    /// does.</summary>
    /// <param name="limit">The longest wait for the brokers.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="KafkaException">No broker answers, or the topic is not there.</exception>
    /// <exception cref="InvalidOperationException">The worker expects keys by another hash.</exception>
    public async Task CheckAsync(TimeSpan limit, CancellationToken cancel = default)
    {
        await _partitioner.CheckAsync(cancel).ConfigureAwait(false);
        // The call blocks, for as long as brokers are away: on a thread of its own, for which the handle is kept.
        Interlocked.Increment(ref _uses);
        await Task
            .Factory.StartNew(
                () => Ask(limit),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            .WaitAsync(cancel)
            .ConfigureAwait(false);
    }

    /// <summary>Ends the client; what was not flushed may be lost.</summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            Release();
        }
    }

    private void Ask(TimeSpan limit)
    {
        try
        {
            var topic = _admin.GetMetadata(_place.Topic, limit).Topics.Single();
            if (topic.Error.IsError)
            {
                throw new KafkaException(topic.Error);
            }
        }
        finally
        {
            Release();
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            _admin.Dispose();
            _producer.Dispose();
        }
    }

    /// <summary>The topic's incarnation, asked for once.</summary>
    /// <param name="mayBeMade">Null for a topic that is not there: some brokers make it at its first record.</param>
    private async Task<string?> UuidAsync(bool mayBeMade, CancellationToken cancel)
    {
        if (_topicUuid is { } known)
        {
            return known;
        }
        if (!Identifies)
        {
            return _topicUuid = _place.Topic;
        }
        try
        {
            var found = await TopicIds
                .AskAsync(_admin, _place.Topic, _question, rights: false)
                .WaitAsync(cancel)
                .ConfigureAwait(false);
            return _topicUuid = found?.TopicId.ToString() ?? _place.Topic;
        }
        catch (KafkaException fault) when (mayBeMade && fault.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            return null;
        }
    }

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
