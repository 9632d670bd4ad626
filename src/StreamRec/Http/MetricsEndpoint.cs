using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Http;

/// <summary>
/// Serves /metrics, /healthz and /readyz, to anybody: nothing there is of a user. Runs from before the work until after
/// it.
/// </summary>
internal sealed class MetricsEndpoint(
    ListenAddress at,
    StatusBoard board,
    WorkMetrics metrics,
    TimeProvider time,
    ILogger<MetricsEndpoint> log
) : IAsyncDisposable
{
    private readonly WebListener _listener = new(at, time, log);
    private readonly OperatorRoutes _routes = new(board, metrics, time);

    /// <summary>Where it is served; null before.</summary>
    public Uri? Address => _listener.Address;

    /// <exception cref="StreamRecException">This process cannot listen there.</exception>
    public Task StartAsync(CancellationToken cancel) =>
        _listener.StartAsync(OperatorRoutes.Names, limits => limits.MaxRequestBodySize = 0, Use, cancel);

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _routes.Dispose();
    }

    private void Use(IApplicationBuilder app)
    {
        app.Use(
            (context, next) =>
                HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                    ? next(context)
                    : AnswerAsync(context, StatusCodes.Status405MethodNotAllowed)
        );
        _routes.Use(app);
        app.Run(context => AnswerAsync(context, StatusCodes.Status404NotFound));
    }

    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
