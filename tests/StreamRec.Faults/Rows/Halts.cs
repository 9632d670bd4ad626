using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults.Rows;

/// <summary>Rows that end in an explained halt, and what the message says to do about it.</summary>
internal static class Halts
{
    private const int More = 8;

    public static IEnumerable<Row> Rows =>
        [
            new(15, "records deleted past n: halt, then --lost-records skip", DeleteAsync),
            new(16, "topic deleted and recreated: halt, then recover", RecreateAsync)
            {
                Journal = false,
                Committed = false,
            },
            new(17, "unclean election: the log forks; halt, then recover", ForkAsync)
            {
                Topic = [("min.insync.replicas", "1"), ("unclean.leader.election.enable", "true")],
                Brokers = [1, 2],
                Journal = false,
                Committed = false,
            },
            new(18, "partitions added live: halt, then recover and re-route", AddAsync)
            {
                Journal = false,
                Committed = false,
            },
            new(30, "corrupt, cut and path-traversing bundles are refused", BundlesAsync),
            new(37, "a second group on the prefix is refused, the first works on", GroupAsync),
        ];

    /// <summary>Expects a worker to halt for a reason, with the exit code of a halt.</summary>
    public static async Task HaltedAsync(this Stage stage, ServerProcess worker, string reason)
    {
        var code = await stage.EndsAsync(worker);
        stage.Observe(
            code == 5 && worker.Output.Contains($"halted ({reason})", StringComparison.Ordinal)
                ? $"halted: {reason}"
                : throw new InvalidOperationException($"ended with {code}, not a halt for {reason}:\n{worker.Output}")
        );
    }

    private static async Task<TimeSpan> DeleteAsync(Stage stage)
    {
        var first = await stage.StartedAsync();
        await stage.Traffic.SendAsync(1500, 1000);
        await stage.SettledAsync();
        await stage.StopAsync(first);
        stage.Deleted.AddRange(TopicLog.Read(stage.Kafka.Bootstrap, stage.Name, Stage.Partitions).Records);
        await stage.Traffic.SendAsync(1500, 1000);
        var ends = TopicLog.Read(stage.Kafka.Bootstrap, stage.Name, Stage.Partitions).Ends;
        var lost = (await stage.Oracle.NextAsync()).Zip(ends).Sum(pair => pair.Second - pair.First) / 2;
        await stage.Kafka.Admin.DeleteRecordsAsync(
            (await stage.Oracle.NextAsync())
                .Zip(ends)
                .Select((pair, p) => new TopicPartitionOffset(stage.Name, p, (pair.First + pair.Second) / 2))
        );
        await stage.HaltedAsync(stage.Start(), "Retention");
        stage.Observe($"about {lost} records lost by the operator, counted");
        var clock = Stopwatch.StartNew();
        var worker = await stage.StartedAsync(null, "--lost-records", "skip");
        await stage.SettledAsync();
        await stage.SeenAsync(worker, "lost to retention", "the loss is in the log");
        await stage.Traffic.SendAsync(500, 500);
        await stage.SettledAsync();
        await stage.StopAllAsync();
        return clock.Elapsed;
    }

    private static async Task<TimeSpan> RecreateAsync(Stage stage)
    {
        var worker = await stage.StartedAsync();
        await stage.Traffic.SendAsync(2000, 1000);
        await stage.SettledAsync();
        await stage.Kafka.CreateAnewAsync(stage.Name, Stage.Partitions);
        await stage.HaltedAsync(worker, "TopicRecreated");
        await stage.HaltedAsync(stage.Start(), "TopicRecreated");
        await stage.RecoverAsync("--lists", "drop", "--yes");
        var clock = Stopwatch.StartNew();
        await stage.StartedAsync();
        await stage.Traffic.SendAsync(2000, 1000);
        await stage.SettledAsync();
        await stage.StopAllAsync();
        return clock.Elapsed;
    }

    private static async Task<TimeSpan> ForkAsync(Stage stage)
    {
        var worker = await stage.StartedAsync();
        await stage.Traffic.SendAsync(1500, 1000);
        await stage.SettledAsync();
        // The follower dies, the leader goes on alone, and dies too: what the follower lacks is gone.
        stage.Kafka.Kill(2);
        await stage.Traffic.SendAsync(1500, 1000);
        await stage.SettledAsync();
        var before = TopicLog.Read(stage.Kafka.Bootstrap, stage.Name, Stage.Partitions).Ends;
        stage.Kafka.Kill(1);
        await stage.Kafka.ReviveAsync(2);
        await Wait.UntilAsync("the follower leads", () => Leads(stage, 2), Stage.Limit);
        await stage.HaltedAsync(worker, "Fork");
        await stage.Kafka.ReviveAsync(1);
        var after = TopicLog.Read(stage.Kafka.Bootstrap, stage.Name, Stage.Partitions).Ends;
        stage.Observe($"{before.Sum() - after.Sum()} records gone from the log");
        // The log grows beyond n again: a worker that starts now can tell by the epoch alone that n is of another log.
        stage.Traffic.StartAnew();
        await stage.Traffic.SendAsync(2500, 1000);
        var grown = TopicLog.EndsOf(stage.Kafka.Bootstrap, stage.Name, Stage.Partitions);
        stage.Observe(
            grown.Zip(await stage.Oracle.NextAsync()).All(pair => pair.First > pair.Second)
                ? "the log grown beyond n again"
                : throw new InvalidOperationException("a log still ends below n")
        );
        await stage.HaltedAsync(stage.Start(), "Fork");
        await stage.RecoverAsync("--lists", "drop", "--yes");
        var clock = Stopwatch.StartNew();
        await stage.StartedAsync();
        await stage.Traffic.SendAsync(500, 500);
        await stage.SettledAsync();
        await stage.StopAllAsync();
        return clock.Elapsed;
    }

    private static bool Leads(Stage stage, int node)
    {
        try
        {
            return Enumerable.Range(0, Stage.Partitions).All(p => stage.Kafka.LeaderOf(stage.Name, p) == node);
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private static async Task<TimeSpan> AddAsync(Stage stage)
    {
        var worker = await stage.StartedAsync();
        await stage.Traffic.SendAsync(2000, 1000);
        await stage.SettledAsync();
        await stage.Kafka.Admin.CreatePartitionsAsync([
            new PartitionsSpecification { Topic = stage.Name, IncreaseTo = More },
        ]);
        await stage.HaltedAsync(worker, "PartitionsChanged");
        await stage.HaltedAsync(stage.Start(), "PartitionsChanged");
        await stage.RecoverAsync("--yes");
        stage.PartitionsNow = More;
        stage.ReRouted = true;
        using var after = new Traffic(stage.Kafka.Bootstrap, stage.Name, seed: 18);
        var clock = Stopwatch.StartNew();
        await stage.StartedAsync(null, "--strays", "re-route");
        for (var i = 0; i < 1000; i++)
        {
            var click = after.NextEvent();
            after.Send(click with { EventId = $"new-{click.EventId}" });
        }
        after.Flush();
        await stage.SettledAsync();
        await stage.StopAllAsync();
        return clock.Elapsed;
    }

    private static async Task<TimeSpan> BundlesAsync(Stage stage)
    {
        var good = stage.Settings;
        foreach (var (what, spoil) in Spoilers)
        {
            var copy = Directory.CreateTempSubdirectory("streamrec-bundle-").FullName;
            foreach (var file in Directory.EnumerateFiles(stage.Bundle))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
            spoil(copy);
            stage.Settings = good with { Bundle = copy };
            var worker = stage.Start();
            var code = await stage.EndsAsync(worker);
            Directory.Delete(copy, recursive: true);
            stage.Observe(
                code == 3 && worker.Output.Split("streamrec: ").Length == 2
                    ? $"{what} refused"
                    : throw new InvalidOperationException($"{what}: ended with {code}:\n{worker.Output}")
            );
        }
        stage.Settings = good;
        await stage.StartedAsync();
        return await Flow.AmidAsync(stage, () => Task.CompletedTask);
    }

    private static IEnumerable<(string What, Action<string> Spoil)> Spoilers =>
        [
            (
                "a changed byte",
                folder =>
                {
                    var file = Path.Combine(folder, "vectors.f32");
                    var bytes = File.ReadAllBytes(file);
                    bytes[^1] ^= 1;
                    File.WriteAllBytes(file, bytes);
                }
            ),
            (
                "a cut encoder",
                folder =>
                    File.WriteAllBytes(
                        Path.Combine(folder, "encoder.onnx"),
                        File.ReadAllBytes(Path.Combine(folder, "encoder.onnx"))[..100]
                    )
            ),
            (
                "a path outside",
                folder =>
                {
                    var file = Path.Combine(folder, "manifest.json");
                    File.WriteAllText(
                        file,
                        File.ReadAllText(file)
                            .Replace("\"items.jsonl\"", "\"../items.jsonl\"", StringComparison.Ordinal)
                    );
                }
            ),
            (
                "a huge dimension",
                folder =>
                {
                    var file = Path.Combine(folder, "manifest.json");
                    File.WriteAllText(
                        file,
                        System.Text.RegularExpressions.Regex.Replace(
                            File.ReadAllText(file),
                            "\"items\": \\d+",
                            "\"items\": 49999999"
                        )
                    );
                }
            ),
        ];

    private static async Task<TimeSpan> GroupAsync(Stage stage)
    {
        await stage.StartedAsync();
        var own = stage.Settings;
        return await Flow.AmidAsync(
            stage,
            async () =>
            {
                stage.Settings = own with { Group = own.Group + "-other" };
                var other = stage.Start();
                stage.Settings = own;
                await stage.HaltedAsync(other, "OtherGroup");
            }
        );
    }
}
