using Confluent.Kafka;
using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Kafka.Topics;
using StreamRec.Ranking.Caps;

namespace StreamRec.Kafka.Catalogue;

/// <summary>
/// Reads the topic of a catalogue from its first record on. Joins no group and commits nothing. One thread at a time.
/// </summary>
internal sealed class CatalogueFeed : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(100);

    private readonly KafkaSettings _settings;
    private readonly TopicPartition _place;
    private readonly TimeProvider _time;
    private readonly CatalogueFold _fold;
    private readonly Action<DeadLetter> _refused;
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly TimeSpan _timeout;

    // Behind the last record, and behind control records where the client has told the log's end.
    private long _next;

    /// <param name="refused">Told of a record that cannot be read.</param>
    /// <param name="timeout">How long Kafka may leave a question unanswered; null: 10 s.</param>
    /// <param name="filter">As of <see cref="CatalogueFold"/>.</param>
    /// <param name="cap">As of <see cref="CatalogueFold"/>; so is <paramref name="keepFacts"/>.</param>
    /// <exception cref="StreamRecException">The client refuses a setting.</exception>
    public CatalogueFeed(
        KafkaSettings settings,
        TopicFacts topic,
        Action<DeadLetter> refused,
        TimeProvider time,
        TimeSpan? timeout = null,
        ItemFilter? filter = null,
        ListCap? cap = null,
        bool keepFacts = false
    )
    {
        _timeout = timeout ?? TimeSpan.FromSeconds(10);
        (_settings, Topic, _refused, _time) = (settings, topic, refused, time);
        _place = new TopicPartition(topic.Name, 0);
        _fold = new CatalogueFold(topic.Uuid, filter, cap, keepFacts);
        _consumer = AssignedConsumer.Open(settings, "streamrec-catalogue");
    }

    public TopicFacts Topic { get; }

    /// <summary>Items that the catalogue has.</summary>
    public int Items => _fold.Items;

    /// <inheritdoc cref="CatalogueFold.View"/>
    public CatalogueView? View() => _fold.View();

    /// <summary>Reads to the end that the topic has now.</summary>
    /// <exception cref="StreamRecException">Kafka does not answer, or refuses.</exception>
    /// <exception cref="OperationCanceledException">Reading was given up.</exception>
    public void ReadToEnd(CancellationToken stop)
    {
        try
        {
            var bounds = _consumer.QueryWatermarkOffsets(_place, _timeout);
            _consumer.Assign(new TopicPartitionOffset(_place, bounds.Low));
            _next = bounds.Low;
            var heard = _time.GetTimestamp();
            while (_next < bounds.High)
            {
                stop.ThrowIfCancellationRequested();
                if (Take(s_poll))
                {
                    heard = _time.GetTimestamp();
                }
                else if (_time.GetElapsedTime(heard) > _timeout)
                {
                    throw _settings.Unreachable(
                        $"sent nothing of topic '{Topic.Name}' for {_timeout.TotalSeconds:F0} s"
                    );
                }
            }
        }
        catch (KafkaException fault)
        {
            throw _settings.Fault(fault.Error, $"reading topic '{Topic.Name}'");
        }
    }

    /// <summary>Reads what comes within a time.</summary>
    /// <returns>Whether a record came.</returns>
    /// <exception cref="KafkaException">What was read so far is all that this can read.</exception>
    public bool ReadFor(TimeSpan time, CancellationToken stop)
    {
        var began = _time.GetTimestamp();
        var next = _next;
        while (time - _time.GetElapsedTime(began) is { Ticks: > 0 } left && !stop.IsCancellationRequested)
        {
            Take(left);
        }
        return _next > next;
    }

    /// <summary>Whether nothing is there that was not read; false also where Kafka does not say.</summary>
    public bool IsAtEnd()
    {
        try
        {
            return _consumer.QueryWatermarkOffsets(_place, _timeout).High.Value <= _next;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    public void Dispose() => _consumer.Dispose();

    private bool Take(TimeSpan wait)
    {
        if (_consumer.Consume(wait) is not { } result)
        {
            return false;
        }
        if (result.IsPartitionEOF)
        {
            _next = result.Offset.Value;
            return true;
        }
        _next = result.Offset.Value + 1;
        var record = new LogRecord(
            result.Offset.Value,
            result.LeaderEpoch ?? -1,
            result.Message.Timestamp.UnixTimestampMs,
            result.Message.Key,
            result.Message.Value
        );
        if (_fold.Apply(record) is { } error)
        {
            _refused(new DeadLetter(record, error.Code, error.Sentence));
        }
        return true;
    }
}
