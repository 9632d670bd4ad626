using StackExchange.Redis;

namespace StreamRec.Testing.Servers;

/// <summary>
/// A redis-server of this test's own, in a directory of its own; or one that was named by environment.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly List<string> _arguments = [];
    private ServerProcess? _process;

    private RedisServer(string address) => Address = address;

    private RedisServer(string address, string directory, IEnumerable<string> arguments)
        : this(address)
    {
        Folder = directory;
        _arguments.AddRange(arguments);
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    /// <summary>Where its files are; empty where it is not the test's own.</summary>
    public string Folder { get; } = "";

    public int Port => int.Parse(Address.Split(':')[1], null);

    public ServerProcess Process =>
        _process ?? throw new InvalidOperationException("This Redis is not the test's own.");

    /// <param name="settings">As on redis-server's command line, such as <c>--appendonly yes</c>.</param>
    public static async Task<RedisServer> StartAsync(params IEnumerable<string> settings)
    {
        var given = settings.ToList();
        if (Installed.Redis is { } own && given.Count == 0)
        {
            return new(own);
        }
        var port = Ports.Free();
        var directory = Directory.CreateTempSubdirectory("streamrec-redis-").FullName;
        string[] fixedOnes = ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", directory, "--save", ""];
        var server = new RedisServer($"127.0.0.1:{port}", directory, [.. fixedOnes, .. given]);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        _process?.Dispose();
        _process = new ServerProcess(
            Installed.RedisServer ?? throw new InvalidOperationException(Installed.WhyNoServers),
            _arguments
        );
        await _process.SaysAsync("eady to accept connections", TimeSpan.FromSeconds(30));
    }

    /// <summary>A connection that is allowed everything, for the test's own eyes.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = ConfigurationOptions.Parse(Address);
        (options.AllowAdmin, options.AbortOnConnectFail, options.ConnectRetry) = (true, true, 10);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        if (Folder.Length > 0)
        {
            Directory.Delete(Folder, recursive: true);
        }
        return ValueTask.CompletedTask;
    }
}
