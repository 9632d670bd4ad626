using Confluent.Kafka;

namespace StreamRec.Kafka;

/// <summary>How to reach Kafka. Further librdkafka settings (TLS, SASL, …) pass through and are never logged.</summary>
internal sealed record KafkaSettings(string Bootstrap, IReadOnlyDictionary<string, string> Further)
{
    public KafkaSettings(string bootstrap)
        : this(bootstrap, new Dictionary<string, string>())
    {
    }

    /// <summary>Puts the address and the further settings into a client's configuration.</summary>
    public T Apply<T>(T config)
        where T : ClientConfig
    {
        foreach (var (name, value) in Further)
        {
            config.Set(name, value);
        }
        config.BootstrapServers = Bootstrap;
        return config;
    }

    public StreamRecException Unreachable(string what) => new(
        $"Kafka at {Bootstrap} {what}. Is it running, and is --bootstrap right?", ExitCode.Unreachable);
}
