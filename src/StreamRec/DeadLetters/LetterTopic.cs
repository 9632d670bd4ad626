using System.Globalization;
using Confluent.Kafka;
using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;

namespace StreamRec.DeadLetters;

/// <summary>Reads a dead-letter topic. It is not made by that, joined as a group, or written to.</summary>
internal sealed class LetterTopic(KafkaSettings settings, string topic)
{
    /// <summary>All letters from a time on; what is no letter is left out.</summary>
    /// <param name="reasons">Those alone; empty: all.</param>
    /// <exception cref="StreamRecException">The topic is not there, or Kafka does not answer.</exception>
    public async Task<IEnumerable<Letter>> ReadAsync(
        DateTimeOffset? since,
        IReadOnlyCollection<string> reasons,
        CancellationToken cancel
    )
    {
        await RequireAsync(cancel);
        return new TopicReader(settings, topic, cancel)
            .Records(since)
            .Select(Letter.Of)
            .OfType<Letter>()
            .Where(letter => reasons.Count == 0 || reasons.Contains(letter.Reason));
    }

    /// <summary>The record at a place, with all its headers.</summary>
    /// <exception cref="StreamRecException">There is none, or Kafka does not answer.</exception>
    public async Task<ConsumeResult<byte[], byte[]>> AtAsync(string place, CancellationToken cancel)
    {
        var parts = place.Split(':');
        if (
            parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
        )
        {
            throw new StreamRecException(
                $"PLACE is '{Excerpt.Of(place)}': give PARTITION:OFFSET, as `streamrec dead-letters list` prints it.",
                FaultKind.Usage
            );
        }
        var partitions = await RequireAsync(cancel);
        return
            partition < partitions
            && await new TopicReader(settings, topic, cancel).AtAsync(new(topic, partition, offset)) is { } record
            ? record
            : throw new StreamRecException($"There is no record at {place} of topic '{topic}'.", FaultKind.Input);
    }

    private async Task<int> RequireAsync(CancellationToken cancel)
    {
        using var inspector = new TopicInspector(settings);
        var all = await inspector.AllAsync(cancel);
        return all.Topics.Find(known => known.Topic == topic)?.Partitions.Count
            ?? throw new StreamRecException(
                $"The dead-letter topic '{Excerpt.Of(topic)}' is not on {settings}. Check --topic and "
                    + "--dead-letter-topic, and the user's right to read it.",
                FaultKind.Unreachable
            );
    }
}
