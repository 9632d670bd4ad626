using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>What a real worker answers to whoever scrapes and probes it.</summary>
[Collection(nameof(Servers))]
public sealed partial class HealthTests(Servers servers) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    // As Prometheus and Kubernetes would have it at the latest.
    private static readonly TimeSpan s_scrape = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-health-");
    private readonly HttpClient _client = new() { Timeout = s_scrape };

    public void Dispose()
    {
        _client.Dispose();
        _directory.Delete(recursive: true);
    }

    [ServerFact]
    public async Task Through_an_outage_of_redis_a_worker_lives_and_is_not_ready_and_then_ready_again()
    {
        var topic = await TopicAsync();
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        using var worker = await StartAsync(topic, redis.Address);
        var at = await AddressAsync(worker);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(at, "healthz")).Status);
        await ReadyAsync(at, worker, HttpStatusCode.OK);
        await ProduceAsync(topic, 60);
        await Wait.UntilAsync(
            "lists are counted",
            async () => Value(await _client.GetStringAsync(new Uri(at, "metrics")), "streamrec_records_total") == 60,
            s_limit,
            () => worker.Output
        );
        var text = await _client.GetStringAsync(new Uri(at, "metrics"));
        Assert.Equal(60, Value(text, "streamrec_events_total", "outcome=\"accepted\""));
        Assert.True(Value(text, "streamrec_lists_made_total", "kind=\"model\"") > 0);
        Assert.True(Value(text, "streamrec_freshness_seconds_count", "record=\"newest\"") > 0);
        Assert.True(Value(text, "streamrec_store_duration_seconds_count") > 0);
        Assert.Equal(1, Value(text, "streamrec_model_info"));
        Assert.Equal(1, Value(text, "streamrec_partitions_assigned"));

        redis.Process.Pause();
        var outage = await ReadyAsync(at, worker, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("no answer for", outage.ToString());
        await worker.SaysAsync("(store_unanswered)", s_limit);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(at, "healthz")).Status);
        redis.Process.Resume();
        await ReadyAsync(at, worker, HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(at, "healthz")).Status);
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync(s_limit));
    }

    /// <summary>
    /// No restart mends an outage, and none may be asked for: nor where it comes before the first claim.
    /// </summary>
    [ServerFact]
    public async Task Through_an_outage_of_kafka_and_redis_a_worker_lives_and_is_not_ready_and_then_works_again()
    {
        var topic = await TopicAsync();
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        using var worker = await StartAsync(topic, redis.Address);
        var at = await AddressAsync(worker);
        Task WorkedAsync(int records) =>
            Wait.UntilAsync(
                $"{records} records are worked",
                async () =>
                    Value(await _client.GetStringAsync(new Uri(at, "metrics")), "streamrec_records_total") == records,
                s_limit,
                () => worker.Output
            );
        await ReadyAsync(at, worker, HttpStatusCode.OK);

        servers.Kafka.Kill(1);
        redis.Process.Pause();
        try
        {
            await Wait.UntilAsync(
                "both are missed",
                async () =>
                {
                    Assert.Equal(HttpStatusCode.OK, (await AskAsync(at, "healthz")).Status);
                    return Missing(await AskAsync(at, "readyz")) == "group redis";
                },
                s_limit,
                () => worker.Output
            );
        }
        finally
        {
            await servers.Kafka.ReviveAsync(1);
        }
        // Redis is away still.
        await Wait.UntilAsync(
            "Kafka is back",
            async () =>
            {
                Assert.Equal(HttpStatusCode.OK, (await AskAsync(at, "healthz")).Status);
                return Missing(await AskAsync(at, "readyz")) == "redis";
            },
            s_limit,
            () => worker.Output
        );
        redis.Process.Resume();
        await ReadyAsync(at, worker, HttpStatusCode.OK);

        await ProduceAsync(topic, 40);
        await WorkedAsync(40);
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync(s_limit));
    }

    /// <summary>Else a rollout with more workers than partitions would never end.</summary>
    [ServerTheory]
    [InlineData("classic")]
    [InlineData("consumer")]
    public async Task A_worker_that_gets_no_partition_is_ready_and_on_standby(string protocol)
    {
        var topic = await TopicAsync();
        string[] further = ["--group-protocol", protocol];
        using var first = await StartAsync(topic, servers.Redis.Address, further);
        using var second = await StartAsync(topic, servers.Redis.Address, further);
        var at = new[] { await AddressAsync(first), await AddressAsync(second) };

        await ReadyAsync(at[0], first, HttpStatusCode.OK);
        await ReadyAsync(at[1], second, HttpStatusCode.OK);
        await Wait.UntilAsync(
            "one works and the other is on standby",
            async () =>
                (await Task.WhenAll(at.Select(a => AskAsync(a, "readyz"))))
                    .Select(answer => (answer.Status, Phase(answer), answer.Body.GetProperty("standby").GetBoolean()))
                    .Order()
                    .SequenceEqual([(HttpStatusCode.OK, "joined", true), (HttpStatusCode.OK, "working", false)]),
            s_limit,
            () => first.Output + second.Output
        );
    }

    /// <summary>The pool may have one thread, and a batch may hold it.</summary>
    [ServerFact]
    public async Task While_a_batch_is_computed_on_the_only_thread_scrapes_and_probes_are_answered()
    {
        var topic = await TopicAsync();
        await ProduceAsync(topic, 5);
        using var worker = await StartAsync(
            topic,
            servers.Redis.Address,
            fail: "before-encode:1:wait=120000",
            environment: new() { ["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "1" }
        );
        await worker.SaysAsync("fail point before-encode", s_limit);
        var at = await AddressAsync(worker);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(at, "healthz")).Status);
            Assert.Equal(0, Value(await _client.GetStringAsync(new Uri(at, "metrics")), "streamrec_steps_total"));
        }
    }

    [ServerFact]
    public async Task After_a_halt_a_worker_that_stays_says_so_and_ends_with_its_code()
    {
        var topic = await TopicAsync();
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        await using var connection = await redis.ConnectAsync();
        using var worker = await StartAsync(topic, redis.Address, ["--on-halt", "stay"]);
        await ProduceAsync(topic, 20);
        var at = await AddressAsync(worker);
        var next = new StoreOracle(connection.GetDatabase(), topic, topic, 1);
        await Wait.UntilAsync("all is worked", async () => await next.NextAsync(0) == 20, s_limit, () => worker.Output);

        await connection.GetServer(redis.Address).FlushAllDatabasesAsync();
        await worker.SaysAsync("was halted (StoreEmptied)", s_limit);
        await Wait.UntilAsync(
            "the halt is shown",
            async () => Phase(await AskAsync(at, "readyz")) == "halted",
            s_limit,
            () => worker.Output
        );

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync(at, "readyz")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(at, "healthz")).Status);
        Assert.Equal(
            1,
            Value(await _client.GetStringAsync(new Uri(at, "metrics")), "streamrec_halted", "reason=\"StoreEmptied\"")
        );
        worker.Terminate();
        Assert.Equal(5, await worker.ExitAsync(s_limit));
    }

    private static string Missing((HttpStatusCode Status, JsonElement Body) answer) =>
        string.Join(
            ' ',
            answer
                .Body.GetProperty("conditions")
                .EnumerateArray()
                .Where(condition => !condition.GetProperty("ok").GetBoolean())
                .Select(condition => condition.GetProperty("name").GetString())
        );

    private static string? Phase((HttpStatusCode Status, JsonElement Body) answer) =>
        answer.Body.GetProperty("phase").GetString();

    private async Task<JsonElement> ReadyAsync(Uri at, ServerProcess worker, HttpStatusCode status)
    {
        (HttpStatusCode Status, JsonElement Body) answer = default;
        await Wait.UntilAsync(
            $"/readyz answers {status}",
            async () => (answer = await AskAsync(at, "readyz")).Status == status,
            s_limit,
            () => $"{answer.Body}\n{worker.Output}"
        );
        return answer.Body;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(Uri at, string page)
    {
        using var answer = await _client.GetAsync(new Uri(at, page));
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStreamAsync()).RootElement);
    }

    private static double Value(string text, string name, string tag = "") =>
        text.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(tag))
            .Sum(line => double.Parse(Sample().Match(line).Groups[1].Value, null));

    private static async Task<Uri> AddressAsync(ServerProcess worker)
    {
        await worker.SaysAsync("/readyz at http://", s_limit);
        return new Uri(Served().Match(worker.Output).Value);
    }

    private async Task<string> TopicAsync()
    {
        var topic = $"health-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1);
        return topic;
    }

    private async Task<ServerProcess> StartAsync(
        string topic,
        string redis,
        IReadOnlyList<string>? further = null,
        string? fail = null,
        Dictionary<string, string>? environment = null
    ) =>
        new WorkerSettings(
            await SmallBundle.PathAsync(),
            topic,
            $"{topic}-group",
            servers.Kafka.Bootstrap,
            redis,
            topic
        )
        {
            Further = ["--metrics", "127.0.0.1:0", .. further ?? []],
            Environment = environment ?? [],
        }.Start(fail);

    private async Task ProduceAsync(string topic, int count)
    {
        var path = Path.Combine(_directory.FullName, topic);
        File.WriteAllLines(
            path,
            EventData.Generated(users: 20, items: 30, events: 900, seed: 5).Take(count).Select(e => e.ToJson())
        );
        await Streamrec.RunAsync([
            "produce",
            "--events",
            path,
            "--topic",
            topic,
            "--bootstrap",
            servers.Kafka.Bootstrap,
        ]);
    }

    [GeneratedRegex(@"\} (\S+)")]
    private static partial Regex Sample();

    [GeneratedRegex(@"(?<=/readyz at )http://\S+")]
    private static partial Regex Served();
}
