using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using StreamRec.Kafka;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace StreamRec.Http.Page;

/// <summary>
/// Serves the worker's page, and what <see cref="OperatorRoutes"/> serve. Runs from before the work until after it.
/// docs/page.md describes it all.
/// </summary>
internal sealed class PageEndpoint : IAsyncDisposable
{
    private const int MostBody = 4_096;
    private static readonly MinDataRate s_body = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(2));

    private readonly WebListener _listener;
    private readonly OperatorRoutes _operator;
    private readonly StatusFeed _feed;
    private readonly EventStreams _streams;
    private readonly ItemTitles _titles = new();
    private readonly UserLookup _users;
    private readonly DeadLetterTail _letters;
    private readonly Playground _playground;
    private readonly AddressLimit _tokens = new(),
        _clicks = new();
    private readonly PageToken? _token;
    private readonly PageGuard _guard;
    private readonly Dictionary<string, PageRoute> _routes;
    private readonly WorkOptions _options;
    private readonly KafkaSettings _kafka;

    /// <exception cref="StreamRecException">The token's file cannot be used.</exception>
    public PageEndpoint(
        WorkOptions options,
        PageSources sources,
        StatusBoard board,
        WorkMetrics metrics,
        TimeProvider time,
        ILogger<PageEndpoint> log
    )
    {
        _options = options;
        _token = options.HttpTokenFile.Length == 0 ? null : PageToken.Read(options.HttpTokenFile);
        _guard = new PageGuard(
            options.HttpHosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            _token
        );
        _kafka = options.KafkaSettings().LogTo(log, time);
        _listener = new WebListener(ListenAddress.Parse(options.Http, ListenAddress.Page), time, log);
        _operator = new OperatorRoutes(board, metrics, time);
        _streams = new EventStreams(time);
        var names =
            sources.Names is not null ? "demo"
            : options.ItemsTopic.Length > 0 ? "catalogue"
            : null;
        _feed = new StatusFeed(board, metrics, new StatusJson(names, options.Playground, sources.HitRates).Write, time);
        _feed.Told += json => _streams.Send(EventStreams.Event("status"u8, json));
        var attention = new AttentionShares(() => board.Current.Model);
        _feed.Told += _ => attention.Look();
        _users = new UserLookup(
            options,
            () => board.Current.Partitions.Count,
            sources.Names ?? _titles.Of,
            attention,
            time
        );
        _letters = new DeadLetterTail(_kafka, options.DeadLetters, time);
        _playground = new Playground(options, _kafka, _users, time);
        _routes = Routes();
    }

    /// <summary>Where it is served; null before.</summary>
    public Uri? Address => _listener.Address;

    /// <exception cref="StreamRecException">This process cannot listen there.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        await _listener.StartAsync($"the page, {OperatorRoutes.Names}", Limit, Use, cancel);
        if (_options.ItemsTopic.Length > 0)
        {
            _titles.Follow(_kafka, _options.ItemsTopic);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // First, for the server waits for what it answers.
        _streams.Dispose();
        _letters.Dispose();
        await _listener.DisposeAsync();
        _feed.Dispose();
        _titles.Dispose();
        _playground.Dispose();
        await _users.DisposeAsync();
        _operator.Dispose();
        _tokens.Dispose();
        _clicks.Dispose();
    }

    private Dictionary<string, PageRoute> Routes() =>
        new(StringComparer.Ordinal)
        {
            [OperatorRoutes.Metrics] = PageRoute.Operator,
            [OperatorRoutes.Live] = PageRoute.Operator,
            [OperatorRoutes.Ready] = PageRoute.Operator,
            ["/"] = PageRoute.Open(PageFiles.Html),
            ["/page.css"] = PageRoute.Open(PageFiles.Css),
            ["/page.js"] = PageRoute.Open(PageFiles.Script),
            ["/icon.svg"] = PageRoute.Open(PageFiles.Icon),
            ["/events"] = PageRoute.Read(StreamAsync),
            ["/api/status"] = PageRoute.Read(context =>
                JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, _feed.Current)
            ),
            ["/api/user"] = PageRoute.Read(UserAsync),
            ["/api/dead-letters"] = PageRoute.Read(async context =>
            {
                var (status, json) = await _letters.ReadAsync(context.RequestAborted);
                await JsonAnswer.WriteAsync(context, status, json);
            }),
            ["/api/session"] = PageRoute.Act(SessionAsync, isOpen: true),
            ["/api/playground"] = PageRoute.Act(ClickAsync),
        };

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MostBody;
        limits.MinRequestBodyDataRate = s_body;
    }

    private void Use(IApplicationBuilder app)
    {
        app.Use(GuardAsync);
        _operator.Use(app);
        app.Run(context => _routes[context.Request.Path.Value!].Answer(context));
    }

    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        PageGuard.Harden(context.Response);
        var route = _routes.GetValueOrDefault(context.Request.Path.Value ?? "");
        if (_guard.Refuse(context.Request, route) is { } refused)
        {
            if (refused.Status == StatusCodes.Status405MethodNotAllowed)
            {
                context.Response.Headers.Allow = route!.IsPost ? "POST" : "GET, HEAD";
            }
            await JsonAnswer.RefuseAsync(context, refused.Status, refused.Why);
            return;
        }
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Who asked has gone.
        }
        catch (BadHttpRequestException fault) when (!context.Response.HasStarted)
        {
            await JsonAnswer.RefuseAsync(context, fault.StatusCode, fault.Message);
        }
        catch (StreamRecException fault) when (!context.Response.HasStarted)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, fault.Message);
        }
    }

    private Task StreamAsync(HttpContext context) =>
        HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : _streams.AnswerAsync(
                context,
                (byte[])
                    [
                        .. "retry: 2000\n"u8,
                        .. EventStreams.Event("history"u8, _feed.History()),
                        .. EventStreams.Event("status"u8, _feed.Current),
                    ]
            );

    // In the query: as a part of the path, an id such as .. would mean something.
    private async Task UserAsync(HttpContext context)
    {
        var user = context.Request.Query["id"].ToString();
        if (!UserLookup.IsId(user))
        {
            await JsonAnswer.RefuseAsync(
                context,
                StatusCodes.Status400BadRequest,
                "Give a user's id, 1 to 128 bytes of UTF-8."
            );
            return;
        }
        var (status, json) = await _users.LookAsync(user, context.RequestAborted);
        await JsonAnswer.WriteAsync(context, status, json);
    }

    private async Task SessionAsync(HttpContext context)
    {
        if (!_tokens.Takes(context))
        {
            await TooManyAsync(context);
            return;
        }
        using var body = await BodyAsync(context);
        if (_token is not null && !_token.Is(Text(body, "token") ?? ""))
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status401Unauthorized, "This is not the token.");
            return;
        }
        _token?.Grant(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task ClickAsync(HttpContext context)
    {
        if (!_options.Playground)
        {
            await JsonAnswer.RefuseAsync(
                context,
                StatusCodes.Status403Forbidden,
                "This worker was started without --playground."
            );
            return;
        }
        if (!_clicks.Takes(context))
        {
            await TooManyAsync(context);
            return;
        }
        using var body = await BodyAsync(context);
        if (Text(body, "user") is not { } user || !UserLookup.IsId(user) || Text(body, "item") is not { } item)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "Give user and item, as texts.");
            return;
        }
        var (status, json) = await _playground.ClickAsync(user, item, context.RequestAborted);
        await JsonAnswer.WriteAsync(context, status, json);
    }

    private static Task TooManyAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return JsonAnswer.RefuseAsync(
            context,
            StatusCodes.Status429TooManyRequests,
            $"No more than {AddressLimit.Most} a second from one address."
        );
    }

    /// <exception cref="BadHttpRequestException">It is too large, too slow, or no JSON.</exception>
    private static async Task<JsonDocument> BodyAsync(HttpContext context)
    {
        try
        {
            return await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        }
        catch (JsonException)
        {
            throw new BadHttpRequestException("The body is no JSON.");
        }
    }

    private static string? Text(JsonDocument body, string name)
    {
        try
        {
            return
                body.RootElement.ValueKind == JsonValueKind.Object
                && body.RootElement.TryGetProperty(name, out var value)
                && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            // An escape is half of a surrogate pair.
            return null;
        }
    }
}
