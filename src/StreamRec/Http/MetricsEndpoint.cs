using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Http;

/// <summary>
/// Serves /metrics, /healthz and /readyz, to anybody: nothing there is of a user. Runs from before the work until after
/// it.
/// </summary>
/// <remarks>
/// It shares the pool with the worker, which <c>PoolThreads</c> may leave one thread: while a batch holds that one, the
/// pool adds another within about a second. The time-outs of probes and scrapes are longer.
/// </remarks>
internal sealed partial class MetricsEndpoint(
    ListenAddress at,
    StatusBoard board,
    WorkMetrics metrics,
    TimeProvider time,
    ILogger<MetricsEndpoint> log
) : IAsyncDisposable
{
    private const string Metrics = "/metrics";
    private const int MostConnections = 64;
    private static readonly TimeSpan s_headers = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(1);

    private WebApplication? _app;
    private MeterProvider? _provider;

    /// <summary>Where it is served; null before.</summary>
    public Uri? Address { get; private set; }

    /// <exception cref="StreamRecException">This process cannot listen there.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(metrics.Meter.Name, "System.Runtime")
            .AddPrometheusExporter()
            .Build();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Limit);
        _app = builder.Build();
        _app.Use(
            (context, next) =>
                HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                    ? next(context)
                    : AnswerAsync(context, StatusCodes.Status405MethodNotAllowed)
        );
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(_provider, null, Metrics, null, null);
        _app.Run(context =>
            context.Request.Path.Value switch
            {
                "/healthz" => AnswerAsync(context, HealthAnswer.Live(board.Current, time.GetUtcNow())),
                "/readyz" => AnswerAsync(context, HealthAnswer.Ready(board.Current, time.GetUtcNow())),
                _ => AnswerAsync(context, StatusCodes.Status404NotFound),
            }
        );
        try
        {
            await _app.StartAsync(cancel);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new StreamRecException(
                $"--metrics is '{at.Given}', where this process cannot listen ({fault.Message}). "
                    + "Give an address of this machine, and a port that is free.",
                FaultKind.Usage
            );
        }
        Address = new Uri(_app.Urls.First());
        LogServing(log, Address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            using var limit = new CancellationTokenSource(s_drain, time);
            await _app.StopAsync(limit.Token);
            await _app.DisposeAsync();
        }
        _provider?.Dispose();
    }

    private void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.RequestHeadersTimeout = s_headers;
        if (at.Address is { } address)
        {
            kestrel.Listen(address, at.Port);
        }
        else
        {
            kestrel.ListenAnyIP(at.Port);
        }
    }

    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task AnswerAsync(HttpContext context, (bool Holds, byte[] Json) health)
    {
        context.Response.StatusCode = health.Holds ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = health.Json.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(health.Json, context.RequestAborted).AsTask();
    }

    [LoggerMessage(32, LogLevel.Information, "Serving /metrics, /healthz and /readyz at {Address}")]
    private static partial void LogServing(ILogger log, Uri address);
}
