using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using StreamRec.Http.Page;

namespace StreamRec.Tests.Http.Page;

/// <summary>What nobody honest asks, each with the status that docs/page.md names.</summary>
public sealed class PageAttackTests
{
    private const string Click = """{"user":"u","item":"i"}""";

    public static TheoryData<string, int> Attacks { get; } =
        new()
        {
            { "another name, which somebody made mean this machine", 421 },
            { "a POST from another site", 403 },
            { "a POST from another origin, by an old browser", 403 },
            { "a POST of which nobody says where it comes from", 403 },
            { "a form, as any page may send it", 415 },
            { "a POST without the page's own header", 403 },
            { "a GET from another site", 403 },
            { "no token", 401 },
            { "a wrong token", 401 },
            { "a wrong cookie", 401 },
            { "GET where something is written", 405 },
            { "a way out of the folder", 404 },
            { "a body of 16 KiB", 413 },
            { "a preflight", 405 },
        };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task An_attack_is_refused_by_its_status(string attack, int status)
    {
        await using var page = await PageStage.StartAsync(PageStage.Token, playground: true);
        using var request = Attack(page, attack);

        using var answer = await page.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.DoesNotContain(
            answer.Headers,
            header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_not_waited_for()
    {
        await using var page = await PageStage.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, page.Endpoint.Address!.Port);
        var stream = client.GetStream();

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"""
                POST /api/session HTTP/1.1
                Host: localhost
                Content-Type: application/json
                Content-Length: 100
                Sec-Fetch-Site: same-origin
                {PageGuard.OwnHeader}: page


                """.ReplaceLineEndings("\r\n")
            )
        );

        Assert.StartsWith("HTTP/1.1 408 ", await new StreamReader(stream).ReadLineAsync());
    }

    [Fact]
    public async Task Few_tokens_can_be_tried_in_a_second()
    {
        await using var page = await PageStage.StartAsync(PageStage.Token);

        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(async i =>
                {
                    using var request = page.Post("/api/session", $$"""{"token":"{{i}}"}""");
                    using var answer = await page.Client.SendAsync(request);
                    return answer.StatusCode;
                })
        );

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.DoesNotContain(HttpStatusCode.NoContent, answers);
    }

    [Theory]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]:9465", HttpStatusCode.OK)]
    [InlineData("10.0.0.5:9465", HttpStatusCode.OK)]
    [InlineData("localhost:8080", HttpStatusCode.OK)]
    [InlineData("Worker.example.org", HttpStatusCode.OK)]
    [InlineData("worker.example.org.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    public async Task A_page_is_served_by_address_and_by_the_names_that_were_given(string host, HttpStatusCode status)
    {
        await using var page = await PageStage.StartAsync(hosts: "other.example.org, worker.example.org");
        async Task<HttpStatusCode> AskAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            using var answer = await page.Client.SendAsync(request);
            return answer.StatusCode;
        }
        Assert.Equal(status, await AskAsync("/"));
        // Prometheus and probes come by whatever name they have.
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/healthz"));
    }

    [Theory]
    [InlineData("same-origin")]
    [InlineData("none")]
    public async Task Who_asks_from_the_page_or_by_the_address_bar_is_answered(string site)
    {
        await using var page = await PageStage.StartAsync(PageStage.Token);
        using var request = PageStage.Get(site, "/api/status");

        using var answer = await page.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static HttpRequestMessage Attack(PageStage page, string attack)
    {
        var click = page.Post("/api/playground", Click);
        click.Headers.Authorization = new AuthenticationHeaderValue("Bearer", PageStage.Token);
        HttpRequestMessage Changed(Action<HttpRequestMessage> change)
        {
            change(click);
            return click;
        }
        HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);
        return attack switch
        {
            "another name, which somebody made mean this machine" => Changed(r => r.Headers.Host = "evil.example"),
            "a POST from another site" => Changed(r => Replace(r.Headers, "Sec-Fetch-Site", "cross-site")),
            "a POST from another origin, by an old browser" => Changed(r =>
            {
                r.Headers.Remove("Sec-Fetch-Site");
                Replace(r.Headers, "Origin", "http://evil.example");
            }),
            "a POST of which nobody says where it comes from" => Changed(r =>
            {
                r.Headers.Remove("Sec-Fetch-Site");
                r.Headers.Remove("Origin");
                r.Headers.Authorization = null;
            }),
            "a form, as any page may send it" => Changed(r =>
                r.Content = new FormUrlEncodedContent([new("user", "u"), new("item", "i")])
            ),
            "a POST without the page's own header" => Changed(r => r.Headers.Remove(PageGuard.OwnHeader)),
            "a GET from another site" => PageStage.Get("cross-site", "/api/status"),
            "no token" => Get("/api/user?id=u"),
            "a wrong token" => page.Post("/api/session", """{"token":"0123456789abcdef0123456789ABCDEE"}"""),
            "a wrong cookie" => Wrong(Get("/events")),
            "GET where something is written" => Get("/api/playground"),
            "a way out of the folder" => Get("/page.css/../../appsettings.json"),
            "a body of 16 KiB" => Changed(r => r.Content = Large()),
            "a preflight" => new HttpRequestMessage(HttpMethod.Options, "/api/playground"),
            _ => throw new ArgumentOutOfRangeException(nameof(attack)),
        };

        HttpRequestMessage Wrong(HttpRequestMessage request)
        {
            request.Headers.Add("Cookie", $"streamrec-{page.Endpoint.Address!.Port}={new string('0', 64)}");
            return request;
        }
        static StringContent Large() => new(new string(' ', 1 << 14), Encoding.UTF8, "application/json");
    }

    private static void Replace(HttpRequestHeaders headers, string name, string value)
    {
        headers.Remove(name);
        headers.Add(name, value);
    }
}
