using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>Where an event stands in the log.</summary>
/// <param name="TopicUuid">The topic's incarnation: a topic that was made anew has another, and its offsets begin at 0.
/// The topic's name where the broker has no topic ids.</param>
/// <param name="Partition">Of the topic.</param>
/// <param name="Offset">In the partition.</param>
public readonly record struct EventPosition(string TopicUuid, int Partition, long Offset)
{
    /// <summary>Whether a list of the event's user includes the event.</summary>
    public bool IsIn(PublishedList list) =>
        list.Through is { } through
        && through.TopicUuid == TopicUuid
        && through.Partition == Partition
        && through.Offset >= Offset;
}
