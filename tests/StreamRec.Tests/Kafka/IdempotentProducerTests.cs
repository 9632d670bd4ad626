using Confluent.Kafka;
using StreamRec.Client.Kafka;

namespace StreamRec.Tests.Kafka;

/// <summary>
/// Whatever is produced stands in the log once and in order, even where an acknowledgement is lost. The client itself
/// refuses what an idempotent producer cannot have, and so shows that each of them is one.
/// </summary>
public sealed class IdempotentProducerTests
{
    private const string Conflict = "queuing.strategy",
        Value = "lifo";

    [Fact]
    public void The_publisher_of_events()
    {
        var config = new ClientConfig { BootstrapServers = "127.0.0.1:1" };
        config.Set(Conflict, Value);

        Refused(() => new EventPublisher(config, "clicks"));
    }

    /// <summary>By which dead letters and strays are sent as well.</summary>
    [Fact]
    public void The_producer_of_records()
    {
        var config = new ProducerConfig { BootstrapServers = "127.0.0.1:1" };
        config.Set(Conflict, Value);

        Refused(() => new RecordProducer(config));
    }

    private static void Refused(Func<IDisposable> open) =>
        Assert.Contains("idempotence", Assert.ThrowsAny<Exception>(() => open().Dispose()).Message);
}
