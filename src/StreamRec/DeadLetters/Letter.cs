using System.Globalization;
using Confluent.Kafka;
using StreamRec.Kafka.Producing;

namespace StreamRec.DeadLetters;

/// <summary>A dead letter as schemas/dead-letter.md describes it, with its own place.</summary>
/// <param name="Place">Where the letter lies, as partition:offset of the dead-letter topic.</param>
/// <param name="WrittenMs">When the letter was written.</param>
/// <param name="Source">Which record it is of.</param>
/// <param name="TimestampMs">The record's own timestamp; negative: none.</param>
/// <param name="IsCut">Whether key and value are not whole.</param>
internal sealed record Letter(
    string Place,
    long WrittenMs,
    string Reason,
    string Message,
    LetterSource Source,
    long TimestampMs,
    bool IsCut,
    byte[] Key,
    byte[] Value
)
{
    /// <returns>Null where the record is no dead letter, or one of a later format.</returns>
    public static Letter? Of(ConsumeResult<byte[], byte[]> record)
    {
        string? Text(string name) =>
            record.Message.Headers is { } headers && headers.TryGetLastBytes(name, out var bytes)
                ? System.Text.Encoding.UTF8.GetString(bytes)
                : null;
        long? Number(string name) =>
            long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
        return
            Number(DeadLetterHeaders.Format) == DeadLetterHeaders.CurrentFormat
            && Text(DeadLetterHeaders.Reason) is { } reason
            && Text(DeadLetterHeaders.Topic) is { } topic
            && Text(DeadLetterHeaders.TopicUuid) is { } uuid
            && Number(DeadLetterHeaders.Partition) is { } partition
            && Number(DeadLetterHeaders.Offset) is { } offset
            ? new(
                $"{record.Partition.Value}:{record.Offset.Value}",
                record.Message.Timestamp.UnixTimestampMs,
                reason,
                Text(DeadLetterHeaders.Message) ?? "",
                new(topic, uuid, partition, offset),
                Number(DeadLetterHeaders.Timestamp) ?? -1,
                Text(DeadLetterHeaders.Cut) == "true",
                record.Message.Key ?? [],
                record.Message.Value ?? []
            )
            : null;
    }
}

/// <summary>A record by which a dead letter is known, however often it was written.</summary>
internal readonly record struct LetterSource(string Topic, string TopicUuid, long Partition, long Offset)
{
    /// <summary>Without the name of the topic, whose id it is.</summary>
    public string Identity => string.Create(CultureInfo.InvariantCulture, $"{TopicUuid}:{Partition}:{Offset}");
}
