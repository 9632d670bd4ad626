using System.Diagnostics;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Operators;

/// <summary>Set-ups that are broken: each is found, the command that is named mends it, and then it is well.</summary>
[Collection(nameof(Servers))]
public sealed class DoctorTests(Servers servers)
{
    private const int Unreachable = 4;

    [ServerFact]
    public async Task What_is_broken_in_Redis_is_found_and_mended_by_the_command_that_is_named()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "no");
        await using var admin = await redis.ConnectAsync();
        var topic = await TopicAsync();
        async Task BreakAsync(string check, string level, params object[] command)
        {
            if (command.Length > 0)
            {
                await admin.GetDatabase().ExecuteAsync((string)command[0], command[1..]);
            }
            var user = check == "redis.rights" ? "worker:secret-1@" : "";
            await MendedAsync(check, level, topic, $"redis://{user}{redis.Address}");
        }

        await BreakAsync("redis.persistence", "warn");
        await BreakAsync("redis.persistence", "warn", "CONFIG", "SET", "appendfsync", "no");
        await admin.GetDatabase().ExecuteAsync("CONFIG", "SET", "maxmemory", "1gb");
        await BreakAsync("redis.eviction", "fail", "CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        await BreakAsync("redis.memory", "warn", "CONFIG", "SET", "maxmemory", "1mb");
        const string Rights = "on >secret-1 ~none:* +@all";
        await BreakAsync("redis.rights", "fail", ["ACL", "SETUSER", "worker", .. Rights.Split(' ')]);

        var wrong = await DoctorAsync(topic, $"redis://worker:secret-2@{redis.Address}", Unreachable);
        Assert.Equal("fail", (string?)Check(wrong, "redis.reachable")["level"]);
        Assert.DoesNotContain("secret-2", wrong.ToJsonString());
    }

    [ServerFact]
    public async Task What_is_broken_in_Kafka_is_found_and_mended_by_the_command_that_is_named()
    {
        var topic = $"doctor-{Guid.NewGuid():N}";
        var redis = servers.Redis.Address;
        await MendedAsync("kafka.topic", "fail", topic, redis);
        await MendedAsync("kafka.dead_letter_topic", "fail", topic, redis);
        // The broker takes any time of a producer.
        foreach (
            var (setting, level) in new[]
            {
                ("message.timestamp.type=CreateTime", "warn"),
                ("retention.ms=60000", "warn"),
                ("cleanup.policy=compact", "fail"),
            }
        )
        {
            await servers.Kafka.ToolAsync(
                "configs",
                "--alter",
                "--entity-type",
                "topics",
                "--entity-name",
                topic,
                "--add-config",
                setting
            );
            await MendedAsync("kafka.topic_settings", level, topic, redis);
        }
        await servers.Kafka.ToolAsync(
            "configs",
            "--alter",
            "--entity-type",
            "topics",
            "--entity-name",
            topic,
            "--add-config",
            "unclean.leader.election.enable=true"
        );
        await MendedAsync("kafka.unclean_election", "warn", topic, redis);

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
        await MendedAsync("kafka.strays", "fail", topic, redis);

        // A replica alone is told, though no one command mends it.
        var one = Check(await DoctorAsync(topic, redis, Unreachable), "kafka.replicas");
        Assert.Equal("warn", (string?)one["level"]);
    }

    [ServerFact]
    public async Task Looking_makes_no_topic()
    {
        var topic = $"doctor-{Guid.NewGuid():N}";

        await DoctorAsync(topic, servers.Redis.Address, Unreachable);

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

    private async Task MendedAsync(string check, string level, string topic, string redis)
    {
        var found = Check(await DoctorAsync(topic, redis), check);
        Assert.Equal(level, (string?)found["level"]);
        var mend = (string?)found["mend"];
        Assert.True(mend is not null, found.ToJsonString());
        var environment = await RunAsync(mend!);

        var mended = Check(await DoctorAsync(topic, redis, environment: environment), check);

        Assert.True((string?)mended["level"] == "ok", $"{mend}\n{mended.ToJsonString()}");
    }

    private static JsonNode Check(JsonNode report, string name) =>
        report["checks"]!
            .AsArray()
            .OrderBy(check => (string?)check!["level"] == "ok")
            .First(check => (string?)check!["check"] == name)!;

    private async Task<JsonNode> DoctorAsync(
        string topic,
        string redis,
        int? expected = null,
        Dictionary<string, string>? environment = null
    )
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
                "--json",
            ],
            environment
        );
        var code = await doctor.ExitAsync(Stage.Limit);
        var report = JsonNode.Parse(doctor.Output.Split('\n').Single(line => line.StartsWith('{')))!;
        Assert.Equal((bool)report["ok"]! ? 0 : Unreachable, code);
        Assert.Equal(expected ?? code, code);
        return report;
    }

    /// <summary>As an operator pastes it; Kafka's tools stand here under one name.</summary>
    private static async Task<Dictionary<string, string>> RunAsync(string command)
    {
        const string Export = "export ";
        if (command.StartsWith(Export, StringComparison.Ordinal))
        {
            var pair = command[Export.Length..].Split('=');
            return new() { [pair[0]] = pair[1] };
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
        return [];
    }
}
