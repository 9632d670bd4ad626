using System.Globalization;
using System.Security.Cryptography;
using Confluent.Kafka;
using StreamRec.Pipeline;

namespace StreamRec.Kafka;

/// <summary>
/// Keeps what cannot be processed in the dead-letter topic: the record's own key and value, with the reason and the
/// source in headers. A value that the topic refuses for its size is cut, with its length and SHA-256 in headers: schemas/dead-letter.md.
/// </summary>
internal sealed class DeadLetterPublisher : IDeadLetters, IDisposable
{
    private const int CutBytes = 4096;

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly string _topic;

    public DeadLetterPublisher(KafkaSettings settings, string topic)
    {
        _topic = topic;
        _producer = new ProducerBuilder<byte[], byte[]>(settings.Apply(new ProducerConfig
        {
            EnableIdempotence = true,
            Partitioner = Partitioner.Murmur2Random,
            MessageTimeoutMs = 30_000,
            MessageMaxBytes = 16 << 20,
        })).SetLogHandler(settings.Log.Write).Build();
    }

    public async Task PublishAsync(PartitionIdentity partition, IReadOnlyList<DeadLetter> letters, CancellationToken cancel)
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
            Key = letter.Record.Key.ToArray(), Value = letter.Record.Value.ToArray(), Headers = headers,
        };
        try
        {
            await _producer.ProduceAsync(_topic, message, cancel);
        }
        catch (ProduceException<byte[], byte[]> fault)
            when (fault.Error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidRecord)
        {
            Add(DeadLetterHeaders.Cut, "true");
            message.Key = message.Key[..Math.Min(CutBytes, message.Key.Length)];
            message.Value = message.Value[..Math.Min(CutBytes, message.Value.Length)];
            await _producer.ProduceAsync(_topic, message, cancel);
        }
    }

    public void Dispose() => _producer.Dispose();
}
