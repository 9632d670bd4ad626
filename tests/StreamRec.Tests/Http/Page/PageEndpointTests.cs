using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using StreamRec.Http.Page;
using StreamRec.Options;
using StreamRec.Tests.Telemetry;

namespace StreamRec.Tests.Http.Page;

public sealed class PageEndpointTests
{
    [Theory]
    [InlineData("/", "text/html")]
    [InlineData("/page.css", "text/css")]
    [InlineData("/page.js", "text/javascript")]
    [InlineData("/icon.svg", "image/svg+xml")]
    [InlineData("/healthz", "application/json")]
    [InlineData("/api/status", "application/json")]
    public async Task What_is_served_tells_browsers_to_take_nothing_from_elsewhere(string path, string type)
    {
        await using var page = await PageStage.StartAsync();

        using var answer = await page.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            answer.Headers.GetValues("Content-Security-Policy").Single()
        );
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task A_browser_exchanges_the_token_for_a_cookie_that_no_script_and_no_other_site_gets()
    {
        await using var page = await PageStage.StartAsync(PageStage.Token);
        // The page itself says nothing of anybody, and asks for the token.
        Assert.Equal(HttpStatusCode.OK, (await page.Client.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await page.Client.GetAsync("/api/status")).StatusCode);

        using var exchanged = await page.Client.SendAsync(
            page.Post("/api/session", $$"""{"token":"{{PageStage.Token}}"}""")
        );

        Assert.Equal(HttpStatusCode.NoContent, exchanged.StatusCode);
        var cookie = exchanged.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("samesite=strict; httponly", cookie);
        Assert.DoesNotContain(PageStage.Token, cookie, StringComparison.OrdinalIgnoreCase);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        Assert.Equal(HttpStatusCode.OK, (await page.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_machine_gives_the_token_as_bearer_and_none_is_logged()
    {
        var log = new KeptLog<PageEndpoint>();
        await using var page = await PageStage.StartAsync(PageStage.Token, log: log);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", PageStage.Token);

        using var answer = await page.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Serving the page, /metrics, /healthz and /readyz at " + page.Endpoint.Address, log.Lines[0].Text);
        Assert.DoesNotContain(log.Lines, line => line.Text.Contains(PageStage.Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef+")]
    public async Task A_file_without_a_token_is_refused(string content)
    {
        var fault = await Assert.ThrowsAsync<StreamRecException>(() => PageStage.StartAsync(content));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("which does not hold 32 or more hexadecimal digits alone", fault.Message);
        Assert.DoesNotContain("0123456789abcdef", fault.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var fault = Assert.Throws<StreamRecException>(() => PageToken.Read("/nowhere/token"));

        Assert.StartsWith("--http-token-file is '/nowhere/token', which cannot be read", fault.Message);
    }

    [Theory]
    [InlineData("127.0.0.1:0", "", true)]
    [InlineData("[::1]:0", "", true)]
    [InlineData("localhost:0", "", true)]
    [InlineData(":9465", "", false)]
    [InlineData("0.0.0.0:9465", "", false)]
    [InlineData("10.0.0.5:9465", "", false)]
    [InlineData(":9465", "token", true)]
    public void Where_others_reach_the_page_too_there_is_a_token(string address, string file, bool taken)
    {
        var options = Options(address, file);

        if (taken)
        {
            options.Validate();
            return;
        }
        var fault = Assert.Throws<StreamRecException>(options.Validate);
        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.StartsWith($"--http is '{address}', which others reach too", fault.Message);
        Assert.Contains("--http-token-file", fault.Message);
    }

    [Fact]
    public void A_playground_needs_a_page()
    {
        var options = Options("", "");
        options.Playground = true;

        Assert.Contains("give --http too", Assert.Throws<StreamRecException>(options.Validate).Message);
    }

    [Fact]
    public async Task A_click_is_refused_where_the_worker_has_no_playground()
    {
        await using var page = await PageStage.StartAsync();

        using var answer = await page.Client.SendAsync(page.Post("/api/playground", """{"user":"u","item":"i"}"""));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("--playground", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/api/user", HttpStatusCode.BadRequest)]
    [InlineData("/api/user?id=", HttpStatusCode.BadRequest)]
    [InlineData("/api/user?id=u", HttpStatusCode.ServiceUnavailable)]
    public async Task A_look_up_says_what_is_wrong(string path, HttpStatusCode status)
    {
        await using var page = await PageStage.StartAsync();

        using var answer = await page.Client.GetAsync(path);

        Assert.Equal(status, answer.StatusCode);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.NotEmpty(error.GetString()!);
    }

    [Fact]
    public async Task A_status_says_what_is_known_and_null_for_what_is_not()
    {
        await using var page = await PageStage.StartAsync();
        page.ShowPartition();
        page.Board.Tick();

        var status = JsonDocument.Parse(await page.Client.GetStringAsync("/api/status")).RootElement;

        Assert.Equal("joined", status.GetProperty("phase").GetString());
        Assert.Equal("clicks", status.GetProperty("topic").GetString());
        foreach (var unknown in new[] { "model", "hit_rate", "halt", "catalogue", "names" })
        {
            Assert.Equal(JsonValueKind.Null, status.GetProperty(unknown).ValueKind);
        }
        Assert.Equal(JsonValueKind.Null, status.GetProperty("second").GetProperty("p99").ValueKind);
        var partition = status.GetProperty("partitions").EnumerateArray().Single();
        Assert.False(partition.GetProperty("assigned").GetBoolean());
    }

    private static WorkOptions Options(string address, string file) =>
        new()
        {
            Bundle = "model",
            Topic = "clicks",
            Group = "g",
            Http = address,
            HttpTokenFile = file,
        };
}
