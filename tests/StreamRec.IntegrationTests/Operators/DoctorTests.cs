using System.Diagnostics;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Operators;

/// <summary>Set-ups that are broken: each is found, the command that is named mends it, and then it is well.</summary>
[Collection(nameof(Servers))]
public sealed class DoctorTests(Servers servers)
{
    private const int Unreachable = 4;

    // Empty: no catalogue is followed.
    private string _items = "";

    [ServerFact]
    public async Task What_is_broken_in_Redis_is_found_and_mended_by_the_commands_that_are_named()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "no", "--appendfsync", "no");
        await using var admin = await redis.ConnectAsync();
        var topic = await TopicAsync();
        foreach (
            var command in (string[])
                [
                    "CONFIG SET maxmemory 1mb",
                    "CONFIG SET maxmemory-policy volatile-lru",
                    "ACL SETUSER worker on >secret-1 ~none:* +@all",
                ]
        )
        {
            var words = command.Split(' ');
            await admin.GetDatabase().ExecuteAsync(words[0], [.. words.Skip(1)]);
        }
        var address = $"redis://worker:secret-1@{redis.Address}";

        await MendedAsync(
            topic,
            address,
            ("redis.eviction", "fail"),
            ("redis.memory", "warn"),
            ("redis.rights", "fail"),
            ("redis.persistence", "warn")
        );

        var wrong = await DoctorAsync(topic, $"redis://worker:secret-2@{redis.Address}");
        Assert.Equal("fail", (string?)Found(wrong, "redis.reachable").Single()["level"]);
        Assert.DoesNotContain("secret-2", wrong.ToJsonString());
    }

    [ServerFact]
    public async Task What_is_broken_in_Kafka_is_found_and_mended_by_the_commands_that_are_named()
    {
        var topic = $"doctor-{Guid.NewGuid():N}";
        var redis = servers.Redis.Address;
        _items = topic + ".items";
        await MendedAsync(
            topic,
            redis,
            ("kafka.topic", "fail"),
            ("kafka.dead_letter_topic", "fail"),
            ("kafka.items_topic", "fail")
        );

        await servers.Kafka.ToolAsync(
            "configs",
            "--alter",
            "--entity-type",
            "topics",
            "--entity-name",
            topic,
            "--add-config",
            "retention.ms=60000,cleanup.policy=[compact],unclean.leader.election.enable=true"
        );
        using (
            var producer = new ProducerBuilder<string, string>(
                new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap, Partitioner = Partitioner.Consistent }
            ).Build()
        )
        {
            for (var i = 0; i < 50; i++)
            {
                producer.Produce(topic, new() { Key = $"user-{i}", Value = "{}" });
            }
            producer.Flush(TimeSpan.FromSeconds(30));
        }
        await MendedAsync(
            topic,
            redis,
            ("kafka.topic_settings", "fail"),
            ("kafka.topic_settings", "warn"),
            ("kafka.unclean_election", "warn"),
            ("kafka.strays", "fail")
        );
    }

    [ServerFact]
    public async Task Looking_makes_no_topic()
    {
        var topic = $"doctor-{Guid.NewGuid():N}";

        await DoctorAsync(topic, servers.Redis.Address);

        Assert.DoesNotContain(
            servers.Kafka.Admin.GetMetadata(TimeSpan.FromSeconds(30)).Topics,
            known => known.Topic.StartsWith(topic, StringComparison.Ordinal)
        );
    }

    private async Task<string> TopicAsync()
    {
        var topic = $"doctor-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1, ("message.timestamp.type", "LogAppendTime"));
        await servers.Kafka.CreateTopicAsync(topic + ".dead-letters", 1);
        return topic;
    }

    /// <summary>Each is found so, its command is run as it stands there, and then all of them are well.</summary>
    private async Task MendedAsync(string topic, string redis, params (string Check, string Level)[] broken)
    {
        var report = await DoctorAsync(topic, redis);
        var environment = new Dictionary<string, string>();
        foreach (var (check, level) in broken)
        {
            Assert.True(
                Found(report, check).Any(found => (string?)found["level"] == level),
                $"{check}\n{report.ToJsonString()}"
            );
        }
        foreach (var found in broken.Select(one => one.Check).Distinct().SelectMany(check => Found(report, check)))
        {
            await RunAsync((string)found["mend"]!, environment);
        }
        var mended = await DoctorAsync(topic, redis, environment);
        Assert.All(
            broken.SelectMany(one => Found(mended, one.Check)),
            found => Assert.True((string?)found["level"] == "ok", found.ToJsonString())
        );
    }

    private static IEnumerable<JsonNode> Found(JsonNode report, string check) =>
        report["checks"]!.AsArray().Where(found => (string?)found!["check"] == check).Select(found => found!);

    private async Task<JsonNode> DoctorAsync(string topic, string redis, Dictionary<string, string>? environment = null)
    {
        using var doctor = Streamrec.Start(
            [
                "doctor",
                "--bundle",
                await SmallBundle.PathAsync(),
                "--topic",
                topic,
                "--group",
                $"{topic}-group",
                "--bootstrap",
                servers.Kafka.Bootstrap,
                "--redis",
                redis,
                "--items-topic",
                _items,
                "--json",
            ],
            environment
        );
        var code = await doctor.ExitAsync(Stage.Limit);
        var report = JsonNode.Parse(doctor.Output.Split('\n').Single(line => line.StartsWith('{')))!;
        Assert.Equal((bool)report["ok"]! ? 0 : Unreachable, code);
        return report;
    }

    /// <summary>As an operator pastes it; Kafka's tools stand here under one name.</summary>
    private static async Task RunAsync(string command, Dictionary<string, string> environment)
    {
        const string Export = "export ";
        if (command.StartsWith(Export, StringComparison.Ordinal))
        {
            var pair = command[Export.Length..].Split('=');
            environment[pair[0]] = pair[1];
            return;
        }
        var script = $$"""
            kafka-topics() { '{{Installed.KafkaHome}}/tool' topics "$@"; }
            kafka-configs() { '{{Installed.KafkaHome}}/tool' configs "$@"; }
            {{command}}
            """;
        using var bash = Process.Start(
            new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var error = bash.StandardError.ReadToEndAsync();
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, $"{command}\n{output}{await error}");
    }
}
