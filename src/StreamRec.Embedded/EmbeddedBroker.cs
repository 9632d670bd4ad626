using Confluent.Kafka;

namespace StreamRec.Embedded;

/// <summary>
/// A Kafka broker in this process: librdkafka's mock cluster, on a free loopback port. It keeps about 5 MiB a partition
/// and drops the rest, so it serves a paced demo and tests alone.
/// </summary>
public sealed class EmbeddedBroker : IDisposable
{
    private readonly IProducer<Null, Null> _owner;

    private EmbeddedBroker(IProducer<Null, Null> owner, string address)
    {
        _owner = owner;
        Address = address;
    }

    /// <summary>Bootstrap host:port of the broker.</summary>
    public string Address { get; }

    /// <summary>
    /// Starts a broker without topics; a topic is made when it is first named, with <paramref name="partitions"/>.
    /// </summary>
    /// <param name="onLog">Takes the lines of the broker's log; null: they go to standard error.</param>
    public static EmbeddedBroker Start(int partitions = 2, Action<LogMessage>? onLog = null)
    {
        var config = new ProducerConfig { BootstrapServers = "mock" };
        config.Set("test.mock.num.brokers", "1");
        config.Set(
            "test.mock.default.partitions",
            partitions.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
        ProducerBuilder<Null, Null> Builder()
        {
            var builder = new ProducerBuilder<Null, Null>(config);
            return onLog is null ? builder : builder.SetLogHandler((_, message) => onLog(message));
        }
        IProducer<Null, Null> owner;
        try
        {
            owner = Builder().Build();
        }
        catch (InvalidOperationException)
        {
            // A librdkafka without that setting makes topics of 4 partitions.
            config = new ProducerConfig { BootstrapServers = "mock" };
            config.Set("test.mock.num.brokers", "1");
            owner = Builder().Build();
        }
        using var admin = new DependentAdminClientBuilder(owner.Handle).Build();
        var broker = admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers[0];
        return new EmbeddedBroker(owner, $"{broker.Host}:{broker.Port}");
    }

    public void Dispose() => _owner.Dispose();
}
