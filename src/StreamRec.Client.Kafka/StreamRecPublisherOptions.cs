namespace StreamRec.Client.Kafka;

/// <summary>Where events go: of the configuration's section <c>StreamRec:Publisher</c>.</summary>
public sealed class StreamRecPublisherOptions
{
    /// <summary>The topic of click events.</summary>
    public string Topic { get; set; } = "";

    /// <summary>The topic's other producers' and the worker's.</summary>
    public EventPartitioner Partitioner { get; set; }

    /// <summary>Settings of Kafka's client, by librdkafka's names: <c>bootstrap.servers</c>, …</summary>
    public Dictionary<string, string> Kafka { get; } = new(StringComparer.Ordinal);

    /// <summary>What is wrong with the options; null where nothing is.</summary>
    public string? Fault() =>
        string.IsNullOrEmpty(Topic) ? $"{nameof(Topic)} is not set: give the topic of click events."
        : !Enum.IsDefined(Partitioner)
            ? $"{nameof(Partitioner)} is {Partitioner}: give {nameof(EventPartitioner.Murmur2)} or "
                + $"{nameof(EventPartitioner.Crc32)}."
        : !Kafka.ContainsKey("bootstrap.servers") ? $"{nameof(Kafka)}:bootstrap.servers is not set: give host:port."
        : null;
}
