namespace StreamRec.Demo.Embedded;

/// <summary>In place of a server in this process, in builds with <c>-p:WithEmbedded=false</c>.</summary>
internal sealed class EmbeddedServer : IDisposable
{
    private EmbeddedServer() { }

    public string Address => throw Missing("server");

    public static EmbeddedServer Broker(int partitions) => throw Missing("broker: name one by --bootstrap");

    public static EmbeddedServer Store() => throw Missing("store: name a Redis by --redis");

    public void Dispose() { }

    private static StreamRecException Missing(string what) =>
        new($"This build has no embedded {what}.", FaultKind.Usage);
}
