using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Batches;
using StreamRec.Telemetry.Status;

namespace StreamRec.Http;

/// <summary>/metrics, /healthz and /readyz: nothing there is of a user.</summary>
internal sealed class OperatorRoutes(StatusBoard board, WorkMetrics metrics, TimeProvider time) : IDisposable
{
    public const string Metrics = "/metrics",
        Live = "/healthz",
        Ready = "/readyz";

    /// <summary>Their paths, in words.</summary>
    public const string Names = $"{Metrics}, {Live} and {Ready}";

    private readonly MeterProvider _provider = Sdk.CreateMeterProviderBuilder()
        .AddMeter(metrics.Meter.Name, MessagingMetrics.MeterName, "System.Runtime")
        .AddPrometheusExporter()
        .Build();

    /// <summary>Answers what is asked at their paths, and leaves the rest to what comes behind.</summary>
    public void Use(IApplicationBuilder app)
    {
        app.UseOpenTelemetryPrometheusScrapingEndpoint(_provider, null, Metrics, null, null);
        app.Use(
            (context, next) =>
                context.Request.Path.Value switch
                {
                    Live => AnswerAsync(context, HealthAnswer.Live(board.Current, time.GetUtcNow())),
                    Ready => AnswerAsync(context, HealthAnswer.Ready(board.Current, time.GetUtcNow())),
                    _ => next(context),
                }
        );
    }

    public void Dispose() => _provider.Dispose();

    private static Task AnswerAsync(HttpContext context, (bool Holds, byte[] Json) health) =>
        JsonAnswer.WriteAsync(
            context,
            health.Holds ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            health.Json
        );
}
