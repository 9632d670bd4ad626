namespace StreamRec.Client;

/// <summary>
/// By which hash of the user id an event's partition is chosen: all producers of a topic, and the worker, need the
/// same.
/// </summary>
public enum EventPartitioner
{
    /// <summary>Java's, and the worker's own choice unless it is told another.</summary>
    Murmur2,

    /// <summary>That of librdkafka's own choice, <c>consistent_random</c>.</summary>
    Crc32,
}
