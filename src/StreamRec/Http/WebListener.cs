using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using StreamRec.Options;

namespace StreamRec.Http;

/// <summary>A web server at one address, until it is disposed of.</summary>
/// <remarks>
/// It shares the pool with the worker, which <c>PoolThreads</c> may leave one thread: while a batch holds that one, the
/// pool adds another within about a second. So what is served blocks no thread of the pool, and time-outs are longer.
/// </remarks>
internal sealed partial class WebListener(ListenAddress at, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const int MostConnections = 64;
    private static readonly TimeSpan s_headers = TimeSpan.FromSeconds(5);

    // Idle connections must not keep probes out.
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(1);

    private WebApplication? _app;

    /// <summary>Where it is served; null before.</summary>
    public Uri? Address { get; private set; }

    /// <param name="what">What is served there, for the log.</param>
    /// <param name="limit">Sets the limits of requests.</param>
    /// <param name="routes">Builds what answers.</param>
    /// <exception cref="StreamRecException">This process cannot listen there.</exception>
    public async Task StartAsync(
        string what,
        Action<KestrelServerLimits> limit,
        Action<IApplicationBuilder> routes,
        CancellationToken cancel
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, limit));
        _app = builder.Build();
        routes(_app);
        try
        {
            await _app.StartAsync(cancel);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new StreamRecException(
                $"{at.Option} is '{at.Given}', where this process cannot listen ({fault.Message}). "
                    + "Give an address of this machine, and a port that is free.",
                FaultKind.Usage
            );
        }
        Address = new Uri(_app.Urls.First());
        LogServing(log, what, Address);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            using var limit = new CancellationTokenSource(s_drain, time);
            await app.StopAsync(limit.Token);
            await app.DisposeAsync();
        }
    }

    private void Configure(KestrelServerOptions kestrel, Action<KestrelServerLimits> limit)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.RequestHeadersTimeout = s_headers;
        kestrel.Limits.KeepAliveTimeout = s_idle;
        limit(kestrel.Limits);
        if (at.Address is { } address)
        {
            kestrel.Listen(address, at.Port);
        }
        else
        {
            kestrel.ListenAnyIP(at.Port);
        }
    }

    [LoggerMessage(32, LogLevel.Information, "Serving {What} at {Address}")]
    private static partial void LogServing(ILogger log, string what, Uri address);
}
