using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Operators;

/// <summary>`streamrec status` beside a real worker, which it does not ask.</summary>
[Collection(nameof(Servers))]
public sealed partial class StatusTests(Servers servers)
{
    [ServerFact]
    public async Task The_lag_is_the_workers_own_and_the_rest_is_what_is_there()
    {
        await using var stage = new Stage(servers.Kafka, servers.Redis, await SmallBundle.PathAsync(), "status");
        await stage.OpenAsync([]);
        var empty = await StatusAsync(stage);
        Assert.Equal(("new", null, 0), ((string?)empty["phase"], (long?)empty["lag"], (int)empty["members"]!));
        Assert.Null(empty["dead_letters"]);

        await stage.Traffic.SendAsync(2000, 1e9);
        stage.Traffic.Send("u", "no event");
        stage.Traffic.Flush();
        var worker = await stage.StartedAsync();
        await stage.SettledAsync();
        await worker.SaysAsync("lag 0;", Stage.Limit);
        var current = await StatusAsync(stage);
        Assert.Equal(("current", 0L, 1), ((string?)current["phase"], (long?)current["lag"], (int)current["members"]!));
        Assert.Equal(1, (long)current["dead_letters"]!);
        Assert.Equal(
            (await stage.Oracle.NextAsync()).Sum(),
            current["partitions"]!.AsArray().Sum(p => (long)p!["next"]!)
        );
        Assert.NotNull((string?)current["model"]);

        // It stands still, and so does its lag: the worker's, of the same moment, is what was sent.
        await using (var redis = await servers.Redis.ConnectAsync())
        {
            await redis.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
            try
            {
                await stage.Traffic.SendAsync(1000, 1e9);
                await Wait.UntilAsync(
                    "the worker reports the lag",
                    () => LastLag(worker.Output) >= 900,
                    Stage.Limit,
                    () => worker.Output
                );
                var behind = await StatusAsync(stage);
                Assert.Equal("working", (string?)behind["phase"]);
                Assert.InRange((long)behind["lag"]!, LastLag(worker.Output) - 32, LastLag(worker.Output) + 32);
            }
            finally
            {
                await redis.GetDatabase().ExecuteAsync("CLIENT", "UNPAUSE");
            }
        }
        await stage.SettledAsync();
        await stage.StopAllAsync();
        Assert.Equal("stopped", (string?)(await StatusAsync(stage))["phase"]);
    }

    private static long LastLag(string output) =>
        Lag().Matches(output) is [.., var last] ? long.Parse(last.Groups[1].Value, null) : -1;

    private static async Task<JsonNode> StatusAsync(Stage stage)
    {
        var settings = stage.Settings;
        string[] arguments =
        [
            "status",
            "--topic",
            settings.Topic,
            "--group",
            settings.Group,
            "--bootstrap",
            settings.Bootstrap,
            "--redis",
            settings.Redis,
            "--prefix",
            settings.Prefix,
            "--json",
        ];
        return JsonNode.Parse((await Streamrec.RunAsync(arguments)).Trim().Split('\n')[^1])!;
    }

    [GeneratedRegex(@"lag (\d+);")]
    private static partial Regex Lag();
}
