using System.Net;
using System.Net.Sockets;
using Garnet;

namespace StreamRec.Embedded;

/// <summary>
/// A Redis-compatible store (Garnet) in this process, on a free loopback port. Its scripts are atomic, since
/// transactions are on for them; what does not fit its memory (1 GiB) is lost, so it serves demos and tests alone.
/// </summary>
public sealed class EmbeddedStore : IDisposable
{
    private readonly GarnetServer _server;

    private EmbeddedStore(GarnetServer server, int port)
    {
        _server = server;
        Address = $"127.0.0.1:{port}";
    }

    /// <summary>host:port of the store.</summary>
    public string Address { get; }

    /// <summary>Starts a store that is empty.</summary>
    public static EmbeddedStore Start()
    {
        var port = FreePort();
        string[] arguments =
        [
            "--bind",
            "127.0.0.1",
            "--port",
            port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "--memory",
            "1g",
            "--index",
            "64m",
            "--lua",
            "true",
            "--lua-transaction-mode",
            "true",
            "--logger-level",
            "Critical",
        ];
        return new EmbeddedStore(StartQuietly(arguments), port);
    }

    /// <summary>Keeps Garnet's banner off the console.</summary>
    private static GarnetServer StartQuietly(string[] arguments)
    {
        var console = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            var server = new GarnetServer(arguments);
            server.Start();
            return server;
        }
        finally
        {
            Console.SetOut(console);
        }
    }

    public void Dispose() => _server.Dispose();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
