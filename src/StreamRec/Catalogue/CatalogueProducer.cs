using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Client.Kafka;
using StreamRec.Kafka;
using StreamRec.Kafka.Catalogue;
using StreamRec.Kafka.Topics;
using StreamRec.Options;

namespace StreamRec.Catalogue;

/// <summary>Writes records to a topic that was seen to be a catalogue's.</summary>
internal sealed class CatalogueProducer : IDisposable
{
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(60);

    private readonly KafkaSettings _settings;
    private readonly TopicPartition _place;
    private readonly RecordProducer _producer;
    private volatile Error? _failure;

    private CatalogueProducer(KafkaSettings settings, string topic)
    {
        (_settings, _place) = (settings, new TopicPartition(topic, 0));
        _producer = settings.Open(() =>
            new RecordProducer(
                settings.Apply(new ProducerConfig { MessageTimeoutMs = 30_000 }),
                (error, _) => _failure ??= error,
                settings.Log.Write
            )
        );
    }

    /// <exception cref="StreamRecException">The topic is no catalogue's, or Kafka does not answer, or
    /// refuses.</exception>
    public static async Task<CatalogueProducer> OpenAsync(WorkOptions options, CancellationToken cancel)
    {
        var settings = options.KafkaSettings();
        using var inspector = new TopicInspector(settings);
        await CatalogueTopic.CheckedAsync(inspector, options.ItemsTopic, AclOperation.Write, options.TopicIds, cancel);
        return new CatalogueProducer(settings, options.ItemsTopic);
    }

    /// <param name="value">Null: the item is gone for good.</param>
    public void Write(string id, byte[]? value) =>
        _producer.Enqueue(
            _place,
            new Message<byte[], byte[]> { Key = System.Text.Encoding.UTF8.GetBytes(id), Value = value! }
        );

    /// <summary>Waits until all is acknowledged.</summary>
    /// <exception cref="StreamRecException">Some was not.</exception>
    public void Flush()
    {
        var missing = _producer.Flush(s_flush);
        if (_failure is { } failure)
        {
            throw _settings.Fault(failure, $"writing to topic '{_place.Topic}'");
        }
        if (missing > 0)
        {
            throw _settings.Unreachable($"did not acknowledge {missing} records of topic '{_place.Topic}' in time");
        }
    }

    public void Dispose() => _producer.Dispose();
}
