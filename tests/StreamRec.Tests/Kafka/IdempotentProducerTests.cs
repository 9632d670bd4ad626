using Confluent.Kafka;
using StreamRec.Client;
using StreamRec.Kafka;

namespace StreamRec.Tests.Kafka;

/// <summary>
/// Whatever is produced stands in the log once and in order, even where an acknowledgement is lost. The client itself refuses what an
/// idempotent producer cannot have, and so shows that each of them is one.
/// </summary>
public sealed class IdempotentProducerTests
{
    private const string Conflict = "queuing.strategy", Value = "lifo";

    private static readonly KafkaSettings s_settings = new("127.0.0.1:1", new Dictionary<string, string> { [Conflict] = Value });

    [Fact]
    public void ThePublisherOfEvents()
    {
        var config = new ClientConfig { BootstrapServers = "127.0.0.1:1" };
        config.Set(Conflict, Value);

        Refused(() => new EventPublisher(config, "clicks"));
    }

    [Fact]
    public void ThePublisherOfDeadLetters() => Refused(() => new DeadLetterPublisher(s_settings, "letters"));

    [Fact]
    public void ThePublisherOfStrays() => Refused(() => new StrayPolicy(null!, null!, s_settings, (_, _) => 0, reRoute: true, _ => { }));

    private static void Refused(Func<IDisposable> open) =>
        Assert.Contains("idempotence", Assert.ThrowsAny<Exception>(() => open().Dispose()).Message);
}
