using StreamRec.Embedded;
using StreamRec.Kafka;

namespace StreamRec.Demo.Embedded;

/// <summary>A server in this process, in builds that have them.</summary>
internal sealed class EmbeddedServer(string address, IDisposable server) : IDisposable
{
    /// <summary>host:port on loopback.</summary>
    public string Address => address;

    public static EmbeddedServer Broker(int partitions)
    {
        var broker = EmbeddedBroker.Start(partitions, KafkaLog.ToErrors([]).Write);
        return new(broker.Address, broker);
    }

    public static EmbeddedServer Store()
    {
        var store = EmbeddedStore.Start();
        return new(store.Address, store);
    }

    public void Dispose() => server.Dispose();
}
