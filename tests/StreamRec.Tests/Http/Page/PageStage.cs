using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StreamRec.Http.Page;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Delivery;

namespace StreamRec.Tests.Http.Page;

/// <summary>A page on loopback, of a worker that has not reached its servers.</summary>
internal sealed class PageStage : IAsyncDisposable
{
    public const string Token = "0123456789abcdef0123456789ABCDEF";

    private readonly WorkMetrics _metrics;

    private PageStage(WorkOptions options, ILogger<PageEndpoint>? log)
    {
        _metrics = new WorkMetrics(Board, TimeProvider.System);
        Endpoint = new PageEndpoint(
            options,
            new PageSources(),
            Board,
            _metrics,
            TimeProvider.System,
            log ?? NullLogger<PageEndpoint>.Instance
        );
    }

    public StatusBoard Board { get; } = new("clicks", "g", TimeProvider.System);

    public PageEndpoint Endpoint { get; }

    public HttpClient Client { get; } = new(new HttpClientHandler { UseCookies = false });

    public static async Task<PageStage> StartAsync(
        string? token = null,
        bool playground = false,
        string hosts = "",
        ILogger<PageEndpoint>? log = null
    )
    {
        var file = token is null ? "" : Path.GetTempFileName();
        if (token is not null)
        {
            await File.WriteAllTextAsync(file, token + "\n");
        }
        var stage = new PageStage(
            new WorkOptions
            {
                Topic = "clicks",
                Group = "g",
                // Nobody listens at either.
                Bootstrap = "127.0.0.1:1",
                Redis = "127.0.0.1:1",
                Http = "127.0.0.1:0",
                HttpTokenFile = file,
                HttpHosts = hosts,
                Playground = playground,
            },
            log
        );
        File.Delete(file.Length > 0 ? file : "none");
        await stage.Endpoint.StartAsync(default);
        stage.Client.BaseAddress = stage.Endpoint.Address;
        return stage;
    }

    /// <summary>A POST as the page itself sends it.</summary>
    public HttpRequestMessage Post(string path, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("Origin", Endpoint.Address!.GetLeftPart(UriPartial.Authority));
        request.Headers.Add(PageGuard.OwnHeader, "page");
        return request;
    }

    /// <summary>A GET as a browser sends it.</summary>
    /// <param name="site">Whose page asks.</param>
    public static HttpRequestMessage Get(string site, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Sec-Fetch-Site", site);
        request.Headers.Authorization = new("Bearer", Token);
        return request;
    }

    /// <summary>A stream of events; it must be disposed of.</summary>
    public async Task<(HttpResponseMessage Answer, StreamReader Lines)> ListenAsync()
    {
        var answer = await Client.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
        return (answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }

    /// <summary>The worker has one partition, in which nothing was done yet.</summary>
    public void ShowPartition()
    {
        Board.Enter(WorkerPhase.Waiting);
        Board.Watch(ReadySources.Of(new ScriptedPorts().Open(new("clicks", 0, "u", 1, "g"))));
    }

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        Client.Dispose();
        _metrics.Dispose();
    }
}
