using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Events;

namespace StreamRec.Serving;

/// <summary>
/// Reads a partition's records: what is no event, or has no business in this partition, becomes a dead letter.
/// </summary>
/// <param name="partitionOf">The partition that a key belongs to, given the number of partitions; -1 for any.</param>
internal sealed class RecordReader(ServingOptions options, Func<ReadOnlySpan<byte>, int, int> partitionOf)
{
    /// <summary>Reads one record. No bytes whatever make it throw.</summary>
    /// <param name="letter">Why the record is refused; null where it is an event, or an event of a type that is not
    /// wanted.</param>
    /// <returns>Whether it is an event that enters a sequence.</returns>
    public bool TryRead(PartitionIdentity partition, in LogRecord record, out EventText click, out DeadLetter? letter)
    {
        letter = null;
        if (!EventJson.TryParse(record.Value, out click, out var error))
        {
            letter = new DeadLetter(record, error.Code, error.Sentence);
            return false;
        }
        if (EventTime.Check(click.TimeMs, record.TimestampMs, options.MaxAhead) is { } ahead)
        {
            letter = new DeadLetter(record, ahead.Code, ahead.Sentence);
            return false;
        }
        if (!record.Key.Span.SequenceEqual(click.UserId.Span))
        {
            letter = new DeadLetter(
                record,
                EventReason.KeyMismatch.Code(),
                "The Kafka key is not the event's user_id."
            );
            return false;
        }
        var owner = partitionOf(record.Key.Span, partition.PartitionCount);
        if (owner >= 0 && owner != partition.Partition)
        {
            letter = new DeadLetter(
                record,
                EventReason.StrayPartition.Code(),
                $"The key belongs to partition {owner}: set the producer's partitioner to {options.StrayAdvice}."
            );
            return false;
        }
        return options.Types.Count == 0 || options.Types.Contains(EventTypes.TextOf(click.Type.Span));
    }
}
