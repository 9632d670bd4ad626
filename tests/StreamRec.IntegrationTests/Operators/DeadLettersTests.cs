using System.Text.Json.Nodes;
using Confluent.Kafka;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Operators;

/// <summary>Letters of a real worker: listed, shown, replayed once, and worked.</summary>
[Collection(nameof(Servers))]
public sealed class DeadLettersTests(Servers servers)
{
    private const int Strays = 40;

    [ServerFact]
    public async Task What_is_replayed_is_worked_and_a_second_replay_changes_nothing()
    {
        await using var stage = new Stage(servers.Kafka, servers.Redis, await SmallBundle.PathAsync(), "letters");
        await stage.OpenAsync([]);
        using (
            var crc = new ProducerBuilder<string, string>(
                new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap }
            ).Build()
        )
        {
            for (var i = 0; i < Strays; i++)
            {
                // By hand into the partition next to the right one.
                var click = new DataEvent($"stray-{i}", $"s{i:D6}", $"i{i:D6}", 1_700_000_000_000L + i);
                await crc.ProduceAsync(
                    new TopicPartition(stage.Name, (Place(click.UserId) + 1) % Stage.Partitions),
                    new() { Key = click.UserId, Value = click.ToJson() }
                );
            }
            await crc.ProduceAsync(stage.Name, new() { Key = "\u001b[2J", Value = "\u001b]0;owned\u0007" });
        }
        await stage.StartedAsync();
        await stage.SettledAsync();

        var list = await RunAsync(stage, "list", "--json");
        Assert.Equal(
            (Strays, 1),
            ((int)list["reasons"]!["stray_partition"]!, (int)list["reasons"]!["malformed_json"]!)
        );
        Assert.Equal(Strays + 1, list["letters"]!.AsArray().Count);
        var hostile = await RunAsync(stage, "list", "--reason", "malformed_json", "--json");
        var shown = await Streamrec.RunAsync(Arguments(stage, "show", (string)hostile["letters"]![0]!["place"]!));
        Assert.Contains(@"key: \u001b[2J", shown);
        Assert.DoesNotContain('\u001b', shown + await Streamrec.RunAsync(Arguments(stage, "list")));

        var ends = TopicLog.EndsOf(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions).Sum();
        var dry = await RunAsync(stage, "replay", "--dry-run", "--json");
        Assert.Equal((Strays, 1), ((int)dry["replayed"]!, (int)dry["skipped"]!["comes_back"]!));
        Assert.Equal(ends, TopicLog.EndsOf(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions).Sum());

        var once = await RunAsync(stage, "replay", "--rate", "200", "--json");
        Assert.Equal(Strays, (int)once["replayed"]!);
        await stage.SettledAsync();
        var log = TopicLog.EndsOf(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions).Sum();
        Assert.Equal(ends + Strays, log);
        for (var i = 0; i < Strays; i++)
        {
            var user = $"s{i:D6}";
            Assert.True(
                await stage.Database.KeyExistsAsync($"{stage.Name}:state:{{{stage.Name}:{Place(user)}}}:{user}"),
                $"{user} has no state"
            );
        }
        var twice = await RunAsync(stage, "replay", "--json");
        Assert.Equal((0, Strays), ((int)twice["replayed"]!, (int)twice["skipped"]!["already_replayed"]!));
        Assert.Equal(log, TopicLog.EndsOf(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions).Sum());
        await stage.StopAllAsync();
    }

    private static int Place(string user) =>
        StreamRec.Kafka.Producing.Murmur2.Partition(System.Text.Encoding.UTF8.GetBytes(user), Stage.Partitions);

    private static IEnumerable<string> Arguments(Stage stage, params string[] command) =>
        [
            "dead-letters",
            .. command,
            "--topic",
            stage.Name,
            "--bootstrap",
            stage.Settings.Bootstrap,
            .. command[0] == "replay"
                ? (string[])["--redis", stage.Settings.Redis, "--prefix", stage.Settings.Prefix]
                : [],
        ];

    private static async Task<JsonNode> RunAsync(Stage stage, params string[] command) =>
        JsonNode.Parse((await Streamrec.RunAsync(Arguments(stage, command))).Trim().Split('\n')[^1])!;
}
