using System.Text.Json;
using Confluent.Kafka;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Lists;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Catalogue;

/// <summary>A worker that follows a catalogue: from its first list to those of a topic that was made anew.</summary>
[Collection(nameof(Servers))]
public sealed class CatalogueTests(Servers servers) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-catalogue-");

    public void Dispose() => _directory.Delete(recursive: true);

    [ServerFact]
    public async Task Lists_hold_what_the_catalogue_has()
    {
        var bundle = await SmallBundle.PathAsync();
        await using var stage = new Stage(servers.Kafka, servers.Redis, bundle, "catalogue");
        await stage.OpenAsync([]);
        var topic = $"{stage.Name}.items";
        await servers.Kafka.CreateTopicAsync(topic, 1, ("cleanup.policy", "compact"));
        string[] follow = ["--items-topic", topic];
        await stage.Traffic.SendAsync(500, 1e9);

        var early = stage.Start(null, follow);
        Assert.Equal(3, await stage.EndsAsync(early));
        Assert.Contains("catalogue import", early.Output);
        Assert.Empty(await ListsAsync(stage));

        var known = File.ReadLines(Path.Combine(bundle, "items.jsonl"))
            .Select(line => JsonSerializer.Deserialize<string>(line)!)
            .ToList();
        var there = known.Take(100).ToHashSet();
        await ImportAsync(stage, there);
        var worker = await stage.StartedAsync(null, follow);
        Assert.Contains("100 of the model's", worker.Output);
        await stage.SettledAsync();
        var lists = await ListsAsync(stage);
        Assert.NotEmpty(lists);
        Assert.All(
            lists.Values,
            list =>
            {
                Assert.Superset(list.Items.ToHashSet(), there);
                Assert.Equal(WorkerSettings.ListSize, list.Items.Count);
                Assert.Equal(99, list.Catalogue!.Value.Offset);
            }
        );

        // What is withdrawn is gone for readers of lists that are there, and from those that come.
        var (user, listed) = lists.First();
        var gone = listed.Items[0];
        await CatalogueAsync(stage, "withdraw", gone);
        await using var redis = await servers.Redis.ConnectAsync();
        var reader = new ListReader(redis, new() { Prefix = stage.Name });
        await UntilAsync("readers know", worker, async () => !(await reader.ReadAsync(user)).Items.Contains(gone));
        Assert.Equal(listed.Items.Skip(1), (await reader.ReadAsync(user)).Items);
        Assert.Contains(gone, (await ListsAsync(stage))[user].Items);
        await UntilAsync(
            "the popular list is written anew",
            worker,
            async () =>
                await redis.GetDatabase().StringGetAsync($"{stage.Name}:popular") is var popular
                && PublishedList.Parse((byte[])popular!) is { Catalogue.Offset: >= 100 } list
                && !list.Items.Contains(gone)
        );
        await ClickAsync(stage, user, known[0], 1);
        Assert.DoesNotContain(gone, (await ListsAsync(stage))[user].Items);

        // A record that cannot be read is kept.
        using (var producer = Producer())
        {
            await producer.ProduceAsync(topic, new() { Key = known[1], Value = "{" });
        }
        await UntilAsync(
            "the letter is there",
            worker,
            async () => (await LettersAsync(stage)).Contains("\"malformed_json\":1", StringComparison.Ordinal)
        );

        // A topic that is made anew says all there is.
        await servers.Kafka.CreateAnewAsync(topic, 1, ("cleanup.policy", "compact"));
        var others = known.Skip(150).Take(30).ToHashSet();
        await ImportAsync(stage, others);
        var round = 1;
        await UntilAsync(
            "lists hold the other items",
            worker,
            async () =>
            {
                await ClickAsync(stage, user, known[0], ++round);
                return others.IsSupersetOf((await ListsAsync(stage))[user].Items);
            }
        );
        await stage.StopAllAsync();
    }

    [ServerFact]
    public async Task An_item_that_the_model_was_not_trained_on_is_listed_and_a_click_on_it_moves_the_list()
    {
        await using var stage = new Stage(servers.Kafka, servers.Redis, BundleWithTower(), "new-items");
        await stage.OpenAsync([]);
        var topic = $"{stage.Name}.items";
        await servers.Kafka.CreateTopicAsync(topic, 1, ("cleanup.policy", "compact"));
        await ImportAsync(stage, Enumerable.Range(0, 6).Select(item => $"i{item}"));
        var worker = await stage.StartedAsync(null, "--items-topic", topic);
        Assert.Contains("0 items of the catalogue are new to the model", worker.Output);
        var round = 0;
        await ClickAsync(stage, "before", "i1", ++round);
        Assert.Equal(["i0", "i2", "i3", "i4", "i5"], (await ListsAsync(stage))["before"].Items.Order());

        await ImportAsync(stage, ["new"]);
        await UntilAsync(
            "it is listed",
            worker,
            async () =>
            {
                await ClickAsync(stage, "after", "i1", ++round);
                return (await ListsAsync(stage))["after"].Items.Contains("new");
            }
        );

        await ClickAsync(stage, "moved", "i1", ++round);
        var first = (await ListsAsync(stage))["moved"];
        await ClickAsync(stage, "moved", "never-heard-of", ++round);
        Assert.Equal(first.Scores, (await ListsAsync(stage))["moved"].Scores);
        await ClickAsync(stage, "moved", "new", ++round);
        var moved = (await ListsAsync(stage))["moved"];
        Assert.Equal(first.Items.Except(["new"]).Order(), moved.Items.Order());
        Assert.NotEqual(
            first.Scores[first.Items.ToList().IndexOf("i0")],
            moved.Scores[moved.Items.ToList().IndexOf("i0")]
        );

        await CatalogueAsync(stage, "withdraw", "new");
        await using var redis = await servers.Redis.ConnectAsync();
        var reader = new ListReader(redis, new() { Prefix = stage.Name });
        await UntilAsync("readers know", worker, async () => !(await reader.ReadAsync("after")).Items.Contains("new"));
        Assert.Contains("new", (await ListsAsync(stage))["after"].Items);
        await stage.StopAllAsync();
    }

    [ServerFact]
    public async Task What_is_no_catalogue_is_refused_at_the_start()
    {
        await using var stage = new Stage(servers.Kafka, servers.Redis, await SmallBundle.PathAsync(), "none");
        await stage.OpenAsync([]);
        await servers.Kafka.CreateTopicAsync($"{stage.Name}.several", 3, ("cleanup.policy", "compact"));
        await servers.Kafka.CreateTopicAsync($"{stage.Name}.deleting", 1);

        foreach (
            var (name, said) in (Dictionary<string, string>)
                new() { ["several"] = "3 partitions", ["deleting"] = "cleanup.policy=delete" }
        )
        {
            var worker = stage.Start(null, "--items-topic", $"{stage.Name}.{name}");
            Assert.Equal(2, await stage.EndsAsync(worker));
            Assert.Contains(said, worker.Output);
        }
    }

    private static string BundleWithTower([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "StreamRec.Tests", "Golden", "bundles", "tower")
        );

    private static Task UntilAsync(string what, ServerProcess worker, Func<Task<bool>> holds) =>
        Wait.UntilAsync(what, holds, Stage.Limit, () => worker.Output);

    private async Task ImportAsync(Stage stage, IEnumerable<string> ids)
    {
        var file = Path.Combine(_directory.FullName, "items.jsonl");
        await File.WriteAllLinesAsync(file, ids.Select(id => $$"""{"id":{{JsonSerializer.Serialize(id)}}}"""));
        await CatalogueAsync(stage, "import", "jsonl", file);
    }

    private static Task CatalogueAsync(Stage stage, params string[] arguments) =>
        Streamrec.RunAsync(["catalogue", .. arguments, "--topic", stage.Name, "--bootstrap", stage.Kafka.Bootstrap]);

    private static Task<string> LettersAsync(Stage stage) =>
        Streamrec.RunAsync([
            "dead-letters",
            "list",
            "--topic",
            stage.Name,
            "--bootstrap",
            stage.Kafka.Bootstrap,
            "--json",
        ]);

    private static async Task<Dictionary<string, PublishedList>> ListsAsync(Stage stage)
    {
        await using var redis = await stage.Redis.ConnectAsync();
        var prefix = $"{stage.Name}:list:";
        var lists = new Dictionary<string, PublishedList>();
        await foreach (var key in redis.GetServer(stage.Redis.Address).KeysAsync(pattern: prefix + "*"))
        {
            lists.Add(
                ((string)key!)[prefix.Length..],
                PublishedList.Parse((byte[])(await redis.GetDatabase().StringGetAsync(key))!)
            );
        }
        return lists;
    }

    private static async Task ClickAsync(Stage stage, string user, string item, int round)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        stage.Traffic.Send(
            user,
            $$"""{"event_id":"later-{{round}}","user_id":"{{user}}","item_id":"{{item}}","ts":{{now}}}"""
        );
        stage.Traffic.Flush();
        await stage.SettledAsync();
    }

    private IProducer<string, string> Producer() =>
        new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap }).Build();
}
