using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using StreamRec.Delivery.Protocol;
using StreamRec.Http;
using StreamRec.Options;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Delivery;
using StreamRec.Tests.Telemetry;

namespace StreamRec.Tests.Http;

public sealed partial class MetricsEndpointTests : IAsyncLifetime
{
    private readonly StatusBoard _board = new("clicks", "g", TimeProvider.System);
    private readonly WorkMetrics _metrics;
    private readonly MetricsEndpoint _endpoint;
    private readonly HttpClient _client = new();

    public MetricsEndpointTests()
    {
        _metrics = new WorkMetrics(_board, TimeProvider.System);
        _endpoint = Endpoint("127.0.0.1:0");
    }

    public async Task InitializeAsync()
    {
        await _endpoint.StartAsync(default);
        _client.BaseAddress = _endpoint.Address;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _endpoint.DisposeAsync();
        _metrics.Dispose();
    }

    /// <summary>Prometheus 3 asks for names in UTF-8 as well, and 2 for OpenMetrics.</summary>
    [Theory]
    [InlineData("text/plain;version=0.0.4;q=0.5,*/*;q=0.1")]
    [InlineData(
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    )]
    [InlineData(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
            + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
            + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    )]
    public async Task A_scrape_gives_the_same_names_whatever_is_accepted(string accept)
    {
        Show();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd(accept);

        using var answer = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var names = Names(await answer.Content.ReadAsStringAsync());
        Assert.Superset(
            new HashSet<string>
            {
                "streamrec_lists_total",
                "streamrec_freshness_seconds_bucket",
                "streamrec_encode_duration_seconds_bucket",
                "streamrec_rank_duration_seconds_sum",
                "streamrec_store_duration_seconds_count",
                "streamrec_batch_records_bucket",
                "streamrec_events_total",
                "streamrec_lists_made_total",
                "streamrec_partitions_assigned",
                "streamrec_model_info",
                "messaging_client_consumed_messages_total",
                "messaging_process_duration_seconds_bucket",
                "db_client_operation_duration_seconds_count",
            },
            names
        );
    }

    [Fact]
    public async Task A_partition_has_at_most_sixty_series()
    {
        Show();

        var text = await _client.GetStringAsync("/metrics");

        Assert.InRange(
            text.Split('\n').Count(line => line.Contains("partition=\"0\"") || line.Contains("partition_id=\"0\"")),
            40,
            60
        );
    }

    [Fact]
    public async Task Every_name_of_a_scrape_has_its_place_on_the_page()
    {
        Show();
        var page = WorkMetricsTests.Page();

        var families = Family()
            .Matches(await _client.GetStringAsync("/metrics"))
            .Select(match => match.Groups[1].Value);

        Assert.NotEmpty(families);
        Assert.All(families, family => Assert.Contains($"`{family}`", page));
    }

    [Fact]
    public async Task Health_is_answered_in_every_phase_with_each_condition()
    {
        var (live, body) = await AskAsync("/healthz");
        Assert.Equal((HttpStatusCode.OK, "starting"), (live, body.GetProperty("phase").GetString()));

        var (ready, why) = await AskAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready);
        Assert.False(why.GetProperty("ok").GetBoolean());
        Assert.Equal(
            "model:False group:False redis:False running:True status:True",
            string.Join(' ', why.GetProperty("conditions").EnumerateArray().Select(Told))
        );

        Show();
        (ready, body) = await AskAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready);
        Assert.True(body.GetProperty("standby").GetBoolean());
        Assert.Equal("joined", body.GetProperty("phase").GetString());

        _board.Halt(HaltReason.Fork);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync("/readyz")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/healthz")).Status);
    }

    [Fact]
    public void A_status_that_nobody_takes_any_more_is_told_as_such()
    {
        Show();
        var now = _board.Current.At;

        Assert.True(HealthAnswer.Ready(_board.Current, now.AddSeconds(5)).Holds);
        Assert.False(HealthAnswer.Ready(_board.Current, now.AddSeconds(6)).Holds);
        Assert.True(HealthAnswer.Live(_board.Current, now.AddSeconds(30)).Holds);
        Assert.False(HealthAnswer.Live(_board.Current, now.AddSeconds(31)).Holds);
    }

    [Theory]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/metrics/../secrets", HttpStatusCode.NotFound)]
    [InlineData("POST", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/readyz", HttpStatusCode.MethodNotAllowed)]
    [InlineData("HEAD", "/healthz", HttpStatusCode.OK)]
    public async Task Nothing_else_is_served(string method, string path, HttpStatusCode status)
    {
        using var answer = await _client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named()
    {
        var taken = _endpoint.Address!.Authority;

        var fault = await Assert.ThrowsAsync<StreamRecException>(() => Endpoint(taken).StartAsync(default));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.StartsWith($"--metrics is '{taken}', where this process cannot listen", fault.Message);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_named()
    {
        var fault = await Assert.ThrowsAsync<StreamRecException>(() => Endpoint("192.0.2.1:0").StartAsync(default));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.StartsWith("--metrics is '192.0.2.1:0', where this process cannot listen", fault.Message);
    }

    private static string Told(JsonElement condition)
    {
        Assert.True(
            DateTimeOffset.TryParse(
                condition.GetProperty("since").GetString(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out _
            )
        );
        return $"{condition.GetProperty("name").GetString()}:{condition.GetProperty("ok").GetBoolean()}";
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(string path)
    {
        using var answer = await _client.GetAsync(path);
        Assert.Equal(new MediaTypeHeaderValue("application/json"), answer.Content.Headers.ContentType);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStreamAsync()).RootElement);
    }

    private MetricsEndpoint Endpoint(string address) =>
        new(ListenAddress.Parse(address), _board, _metrics, TimeProvider.System, NullLogger<MetricsEndpoint>.Instance);

    private static HashSet<string> Names(string text) =>
        [.. Name().Matches(text).Select(match => match.Groups[1].Value)];

    /// <summary>A worker on standby, which has written a batch before.</summary>
    private void Show()
    {
        var partition = new PartitionIdentity("clicks", 0, "uuid", 1, "g");
        _board.Show(new ServedModel("m", 10, "by step"));
        _board.Enter(WorkerPhase.Waiting);
        _board.Watch(ReadySources.Of(new ScriptedPorts().Open(partition)));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        _metrics.Written(partition, new(now - 5, now));
        var ms = TimeSpan.FromMilliseconds(1);
        var began = TimeProvider.System.GetTimestamp();
        _metrics.Computed(new(0, 3, began, ms, ms, 2 * ms));
        _metrics.Stored(new(0, 3, began, ms, null, Answered: true));
    }

    [GeneratedRegex(@"^# TYPE ((?:streamrec|messaging|db)_\w+) ", RegexOptions.Multiline)]
    private static partial Regex Family();

    [GeneratedRegex(@"^((?:streamrec|messaging|db)_\w+)[{ ]", RegexOptions.Multiline)]
    private static partial Regex Name();
}
