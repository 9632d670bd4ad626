using System.Globalization;
using System.Security.Cryptography;
using Confluent.Kafka;
using StreamRec.Client.Kafka;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Kafka.Producing;

/// <summary>
/// Keeps what cannot be processed in the dead-letter topic: the record's own key and value, with the reason and the
/// source in headers. What the topic refuses for its size, even by itself, is cut until it fits:
/// schemas/dead-letter.md.
/// </summary>
internal sealed class DeadLetterPublisher : IDeadLetters, IDisposable
{
    /// <summary>How much of a key and of a value is kept where more is too much.</summary>
    private static readonly int[] s_cuts = [4096, 1024, 256, 0];

    private readonly RecordProducer _producer;
    private readonly TopicPartition _place;

    /// <exception cref="StreamRecException">The client refuses a setting.</exception>
    public DeadLetterPublisher(KafkaSettings settings, string topic)
    {
        _place = new TopicPartition(topic, Partition.Any);
        _producer = settings.Open(() =>
            new RecordProducer(
                settings.Apply(
                    new ProducerConfig
                    {
                        Partitioner = Partitioner.Murmur2Random,
                        MessageTimeoutMs = 30_000,
                        MessageMaxBytes = 16 << 20,
                    }
                ),
                onLog: settings.Log.Write
            )
        );
    }

    public async Task PublishAsync(
        PartitionIdentity partition,
        IReadOnlyList<DeadLetter> letters,
        CancellationToken cancel
    )
    {
        await Task.WhenAll(letters.Select(letter => PublishAsync(partition, letter, cancel)));
    }

    private async Task PublishAsync(PartitionIdentity partition, DeadLetter letter, CancellationToken cancel)
    {
        var headers = new Headers();
        void Add(string name, string value) => headers.Add(name, System.Text.Encoding.UTF8.GetBytes(value));
        void AddNumber(string name, long value) => Add(name, value.ToString(CultureInfo.InvariantCulture));
        AddNumber(DeadLetterHeaders.Format, DeadLetterHeaders.CurrentFormat);
        Add(DeadLetterHeaders.Reason, letter.Reason);
        Add(DeadLetterHeaders.Message, letter.Message);
        Add(DeadLetterHeaders.Topic, partition.Topic);
        Add(DeadLetterHeaders.TopicUuid, partition.TopicUuid);
        AddNumber(DeadLetterHeaders.Partition, partition.Partition);
        AddNumber(DeadLetterHeaders.Offset, letter.Record.Offset);
        AddNumber(DeadLetterHeaders.Timestamp, letter.Record.TimestampMs);
        AddNumber(DeadLetterHeaders.KeyBytes, letter.Record.Key.Length);
        AddNumber(DeadLetterHeaders.ValueBytes, letter.Record.Value.Length);
        Add(DeadLetterHeaders.ValueSha256, Convert.ToHexStringLower(SHA256.HashData(letter.Record.Value.Span)));
        var message = new Message<byte[], byte[]>
        {
            Key = letter.Record.Key.ToArray(),
            Value = letter.Record.Value.ToArray(),
            Headers = headers,
        };
        for (var cut = 0; ; cut++)
        {
            try
            {
                await _producer.ProduceAsync(_place, message, cancel);
                return;
            }
            catch (ProduceException<byte[], byte[]> fault)
                when (cut < s_cuts.Length
                    && (RecordProducer.IsTooLarge(fault.Error) || fault.Error.Code == ErrorCode.InvalidRecord)
                )
            {
                if (cut == 0)
                {
                    Add(DeadLetterHeaders.Cut, "true");
                }
                message.Key = message.Key[..Math.Min(s_cuts[cut], message.Key.Length)];
                message.Value = message.Value[..Math.Min(s_cuts[cut], message.Value.Length)];
            }
        }
    }

    public void Dispose() => _producer.Dispose();
}
