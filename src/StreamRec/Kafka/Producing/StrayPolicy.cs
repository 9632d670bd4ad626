using Confluent.Kafka;
using StreamRec.Client.Kafka;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Events;
using StreamRec.Kafka.Topics;

namespace StreamRec.Kafka.Producing;

/// <summary>
/// What becomes of records in a partition that is not their key's. First the topic is looked at again: a producer that
/// knows of new partitions makes no strays, and the worker must halt instead. Then they are kept as dead letters or, by
/// policy, produced again to the partition that is theirs: the event's identity makes a repetition harmless.
/// </summary>
/// <param name="changed">Told where the topic is not the one that is worked any more.</param>
internal sealed class StrayPolicy : IDeadLetters, IDisposable
{
    private static readonly string s_stray = EventReason.StrayPartition.Code();

    private readonly IDeadLetters _letters;
    private readonly TopicInspector _inspector;
    private readonly Func<ReadOnlySpan<byte>, int, int> _partitionOf;
    private readonly Action<TopicFacts> _changed;
    private readonly RecordProducer? _producer;

    public StrayPolicy(
        IDeadLetters letters,
        TopicInspector inspector,
        KafkaSettings settings,
        Func<ReadOnlySpan<byte>, int, int> partitionOf,
        bool reRoute,
        Action<TopicFacts> changed
    )
    {
        (_letters, _inspector, _partitionOf, _changed) = (letters, inspector, partitionOf, changed);
        _producer = reRoute
            ? settings.Open(() =>
                new RecordProducer(
                    settings.Apply(new ProducerConfig { MessageTimeoutMs = 30_000, MessageMaxBytes = 16 << 20 }),
                    onLog: settings.Log.Write
                )
            )
            : null;
    }

    public async Task PublishAsync(
        PartitionIdentity partition,
        IReadOnlyList<DeadLetter> letters,
        CancellationToken cancel
    )
    {
        var strays = letters.Where(letter => letter.Reason == s_stray).ToList();
        if (strays.Count > 0)
        {
            await CheckTopicAsync(partition);
        }
        if (strays.Count == 0 || _producer is null)
        {
            await _letters.PublishAsync(partition, letters, cancel);
            return;
        }
        // First what goes elsewhere: while that topic is away the call is repeated, and would re-route the strays each
        // time.
        if (strays.Count < letters.Count)
        {
            await _letters.PublishAsync(partition, [.. letters.Except(strays)], cancel);
        }
        await Task.WhenAll(
            strays.Select(stray =>
                _producer.ProduceAsync(
                    new TopicPartition(partition.Topic, _partitionOf(stray.Record.Key.Span, partition.PartitionCount)),
                    new Message<byte[], byte[]>
                    {
                        Key = stray.Record.Key.ToArray(),
                        Value = stray.Record.Value.ToArray(),
                        Timestamp = new Timestamp(stray.Record.TimestampMs, TimestampType.CreateTime),
                    },
                    cancel
                )
            )
        );
    }

    public void Dispose() => _producer?.Dispose();

    // An exception makes the partition wait with its batch unwritten.
    private async Task CheckTopicAsync(PartitionIdentity partition)
    {
        var now =
            await _inspector.LookAsync(partition.Topic, identify: partition.TopicUuid != partition.Topic)
            ?? throw new IOException("The topic could not be looked at.");
        if (now.Partitions != partition.PartitionCount || now.Uuid != partition.TopicUuid)
        {
            _changed(now);
            throw new IOException("The topic is not the one that is worked any more.");
        }
    }
}
