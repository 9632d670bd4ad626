using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>What the page of a real worker shows.</summary>
[Collection(nameof(Servers))]
public sealed partial class PageTests(Servers servers) : IDisposable
{
    private const string Token = "00112233445566778899aabbccddeeff";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-page-");
    private readonly HttpClient _client = new() { Timeout = s_limit };

    public void Dispose()
    {
        _client.Dispose();
        _directory.Delete(recursive: true);
    }

    [ServerFact]
    public async Task A_page_shows_users_and_dead_letters_takes_clicks_and_ends_with_the_worker()
    {
        var topic = $"page-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 2);
        var events = EventData.Generated(users: 20, items: 30, events: 60, seed: 5).ToArray();
        await ProduceAsync(topic, events.Select(click => (click.UserId, click.ToJson())).Append(("u", "<b>no event")));
        using var worker = await StartAsync(topic);
        await worker.SaysAsync("Serving the page, /metrics, /healthz and /readyz at http://", s_limit);
        _client.BaseAddress = new Uri(Served().Match(worker.Output).Value);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _client.GetAsync("/api/status")).StatusCode);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        await Wait.UntilAsync(
            "all is worked",
            async () => (await AskAsync("/api/status")).GetProperty("totals").GetProperty("records").GetInt64() == 61,
            s_limit,
            () => worker.Output
        );

        var stranger = await AskAsync("/api/user?id=stranger");
        Assert.Equal("Popular", stranger.GetProperty("list").GetProperty("source").GetString());
        Assert.Equal(JsonValueKind.Null, stranger.GetProperty("sequence").ValueKind);
        Assert.Equal(JsonValueKind.Null, stranger.GetProperty("sequence_fault").ValueKind);

        var (user, item) = (events[0].UserId, events[0].ItemId);
        var found = await AskAsync($"/api/user?id={Uri.EscapeDataString(user)}");
        Assert.Equal("Own", found.GetProperty("list").GetProperty("source").GetString());
        Assert.Equal(
            events.Where(click => click.UserId == user).Select(click => click.ItemId).Order(),
            found
                .GetProperty("sequence")
                .GetProperty("events")
                .EnumerateArray()
                .Select(kept => kept.GetProperty("item").GetString()!)
                .Order()
        );
        Assert.Equal(
            1,
            found
                .GetProperty("sequence")
                .GetProperty("events")
                .EnumerateArray()
                .Sum(kept => kept.GetProperty("attention").GetDouble()),
            1e-5
        );
        var letter = (await AskAsync("/api/dead-letters")).GetProperty("letters").EnumerateArray().Single();
        Assert.Equal("<b>no event", letter.GetProperty("value").GetString());
        Assert.Equal("malformed_json", letter.GetProperty("reason").GetString());

        using var click = new HttpRequestMessage(HttpMethod.Post, "/api/playground")
        {
            Content = new StringContent(
                JsonSerializer.Serialize(new { user, item }),
                Encoding.UTF8,
                "application/json"
            ),
        };
        click.Headers.Add("X-StreamRec", "test");
        using var clicked = await _client.SendAsync(click);
        var lists = JsonDocument.Parse(await clicked.Content.ReadAsStringAsync()).RootElement;
        Assert.True(lists.GetProperty("included").GetBoolean(), $"{lists}");
        Assert.NotEqual(
            lists.GetProperty("before").GetProperty("through").ToString(),
            lists.GetProperty("after").GetProperty("through").ToString()
        );

        var streams = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _client.GetStreamAsync("/events")));
        worker.Terminate();
        foreach (var stream in streams)
        {
            using var lines = new StreamReader(stream);
            Assert.Contains("event: status", await lines.ReadToEndAsync());
        }
        Assert.Equal(0, await worker.ExitAsync(s_limit));
        Assert.DoesNotContain(Token, worker.Output);
    }

    private async Task<JsonElement> AskAsync(string path) =>
        JsonDocument.Parse(await _client.GetStringAsync(path)).RootElement;

    private async Task<ServerProcess> StartAsync(string topic)
    {
        var token = Path.Combine(_directory.FullName, "token");
        await File.WriteAllTextAsync(token, Token);
        return new WorkerSettings(
            await SmallBundle.PathAsync(),
            topic,
            $"{topic}-group",
            servers.Kafka.Bootstrap,
            servers.Redis.Address,
            topic
        )
        {
            Further = ["--http", "127.0.0.1:0", "--http-token-file", token, "--playground"],
        }.Start();
    }

    private async Task ProduceAsync(string topic, IEnumerable<(string Key, string Value)> records)
    {
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap, Partitioner = Partitioner.Murmur2Random }
        ).Build();
        foreach (var (key, value) in records)
        {
            producer.Produce(topic, new Message<string, string> { Key = key, Value = value });
        }
        producer.Flush(s_limit);
    }

    [GeneratedRegex(@"(?<=/readyz at )http://\S+")]
    private static partial Regex Served();
}
