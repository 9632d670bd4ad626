using System.Net.Http.Json;
using StreamRec.Testing.Servers;

namespace StreamRec.Testing;

/// <summary>A TCP proxy in front of a server, which injects faults into the connections.</summary>
internal sealed class Toxiproxy : IDisposable
{
    private const string Name = "proxy";

    private readonly ServerProcess _process;
    private readonly HttpClient _http;

    private Toxiproxy(ServerProcess process, HttpClient http, string address) =>
        (_process, _http, Address) = (process, http, address);

    /// <summary>host:port that clients use in the server's place.</summary>
    public string Address { get; }

    public static async Task<Toxiproxy> StartAsync(string upstream)
    {
        var home =
            Installed.ToxiproxyHome
            ?? throw new InvalidOperationException("no toxiproxy: set STREAMREC_TEST_TOXIPROXY_HOME");
        var (control, listen) = (Ports.Free(), Ports.Free());
        var process = new ServerProcess(
            Path.Combine(home, "toxiproxy-server"),
            ["-host", "127.0.0.1", "-port", $"{control}"]
        );
        var proxy = new Toxiproxy(
            process,
            new HttpClient { BaseAddress = new($"http://127.0.0.1:{control}") },
            $"127.0.0.1:{listen}"
        );
        await Wait.UntilAsync(
            "toxiproxy answers",
            async () =>
            {
                try
                {
                    return (await proxy._http.GetAsync(new Uri("/version", UriKind.Relative))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(20)
        );
        await proxy.PostAsync(
            "/proxies",
            new
            {
                name = Name,
                listen = proxy.Address,
                upstream,
                enabled = true,
            }
        );
        return proxy;
    }

    /// <summary>Adds a fault to answers (downstream) or requests (upstream).</summary>
    public Task PoisonAsync(string type, bool answers, object attributes) =>
        PostAsync(
            $"/proxies/{Name}/toxics",
            new
            {
                name = "toxic",
                type,
                stream = answers ? "downstream" : "upstream",
                toxicity = 1.0,
                attributes,
            }
        );

    public async Task HealAsync() =>
        (await _http.PostAsync(new Uri("/reset", UriKind.Relative), null)).EnsureSuccessStatusCode();

    /// <summary>Cuts every connection, and lets new ones in.</summary>
    public async Task CutAsync()
    {
        await PostAsync($"/proxies/{Name}", new { enabled = false });
        await PostAsync($"/proxies/{Name}", new { enabled = true });
    }

    public void Dispose()
    {
        _http.Dispose();
        _process.Dispose();
    }

    private async Task PostAsync(string path, object body) =>
        (await _http.PostAsJsonAsync(new Uri(path, UriKind.Relative), body)).EnsureSuccessStatusCode();
}
