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

/// <summary>Partitioners' names, as the worker's setting and Redis have them.</summary>
public static class EventPartitioners
{
    /// <summary>The name of <see cref="EventPartitioner.Murmur2"/>.</summary>
    public const string Murmur2Name = "murmur2";

    /// <summary>The name of <see cref="EventPartitioner.Crc32"/>.</summary>
    public const string Crc32Name = "crc32";

    /// <summary>A partitioner's name.</summary>
    /// <param name="partitioner">One of them.</param>
    public static string Name(this EventPartitioner partitioner) =>
        partitioner == EventPartitioner.Crc32 ? Crc32Name : Murmur2Name;

    /// <summary>The partitioner of a name; null for any other text.</summary>
    /// <param name="name">In lower case.</param>
    public static EventPartitioner? Parse(string? name) =>
        name switch
        {
            Murmur2Name => EventPartitioner.Murmur2,
            Crc32Name => EventPartitioner.Crc32,
            _ => null,
        };
}
