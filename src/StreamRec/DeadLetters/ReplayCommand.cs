using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka.Admin;
using StreamRec.Events;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Settings;
using StreamRec.Terminal;

namespace StreamRec.DeadLetters;

/// <summary>`streamrec dead-letters replay`.</summary>
internal static class ReplayCommand
{
    private const double StandardRate = 1000,
        LeastRate = 0.1,
        MostRate = 1_000_000;

    public static Command Create()
    {
        Option<string?>[] place =
        [
            .. DeadLettersCommand.Topic(),
            SharedOptions.Redis(),
            SharedOptions.Prefix(),
            SharedOptions.Partitioner(),
        ];
        var (reason, since) = (DeadLettersCommand.Reason(), DeadLettersCommand.Since());
        var all = new Option<bool>("--all")
        {
            Description =
                "Also letters that will most likely come straight back. Default: those alone that a new record cures, "
                + $"of the reasons {string.Join(", ", ReplayRule.Cured)}.",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only count what would be replayed." };
        var rate = new Option<double?>("--rate")
        {
            Description = $"The most records a second. Default {StandardRate}.",
        };
        var (json, set) = (SharedOptions.Json(), SharedOptions.Set());
        var command = new Command("replay", "Publish dead letters again, each once, to the topic that they came from.")
        {
            reason,
            since,
            all,
            dryRun,
            rate,
            json,
            set,
        };
        Array.ForEach(place, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var options = DeadLettersCommand.Read(parsed, set, place);
                if (options.Topic.Length == 0)
                {
                    throw new StreamRecException("--topic is missing: give the topic of events.", FaultKind.Usage);
                }
                var perSecond = parsed.GetValue(rate) ?? StandardRate;
                if (perSecond is not (>= LeastRate and <= MostRate))
                {
                    throw new StreamRecException(
                        $"--rate is {SettingValue.Show(perSecond)}: it must lie between {SettingValue.Show(LeastRate)} "
                            + $"and {SettingValue.Show(MostRate)}.",
                        FaultKind.Usage
                    );
                }
                var from = DeadLettersCommand.SinceOf(parsed.GetValue(since), TimeProvider.System);
                var counts = await RunAsync(
                    options,
                    new Plan(
                        from,
                        parsed.GetValue(reason) ?? [],
                        parsed.GetValue(all),
                        parsed.GetValue(dryRun),
                        perSecond
                    ),
                    cancel
                );
                Console.WriteLine(
                    parsed.GetValue(json)
                        ? Json(options.Topic, parsed.GetValue(dryRun), counts)
                        : Text(options.Topic, parsed.GetValue(dryRun), counts)
                );
                return 0;
            }
        );
        return command;
    }

    private static async Task<ReplayCounts> RunAsync(WorkOptions options, Plan plan, CancellationToken cancel)
    {
        var settings = options.KafkaSettings();
        int partitions;
        using (var inspector = new TopicInspector(settings))
        {
            partitions = (
                await inspector.DescribeAsync(options.Topic, AclOperation.Write, options.TopicIds, cancel)
            ).Partitions;
        }
        var letters = await new LetterTopic(settings, options.DeadLetters).ReadAsync(plan.Since, plan.Reasons, cancel);
        await using var redis = await RedisConnection.ConnectAsync(options.RedisSettings(), cancel: cancel);
        var partitionOf = KeyHash.PartitionOf(
            options.Partitioner == KeyHash.AnyName ? KeyHash.Murmur2Name : options.Partitioner
        );
        using var replay = new LetterReplay(
            settings,
            new ReplayRule(options.Topic, plan.All, options.MaxAhead),
            key => partitionOf(key, partitions),
            plan.PerSecond,
            TimeProvider.System
        );
        return await RedisRefusal.AskedAsync(
            options.RedisSettings(),
            async () =>
            {
                var memory = await ReplayMemory.OpenAsync(
                    redis.GetDatabase(),
                    new StoreKeys(options.Prefix).Replayed(options.Topic)
                );
                var progress = new ProgressLine(TimeProvider.System);
                var counts = await replay.RunAsync(
                    letters,
                    memory,
                    plan.DryRun,
                    counts =>
                        progress.Report(_ =>
                            string.Create(CultureInfo.InvariantCulture, $"{counts.Replayed:N0} replayed")
                        ),
                    cancel
                );
                progress.Erase();
                if (!plan.DryRun && plan is { Since: null, Reasons.Count: 0 })
                {
                    await memory.ForgetOthersAsync();
                }
                return counts;
            },
            "What was replayed is remembered: run the same command again."
        );
    }

    internal static string Json(string topic, bool dryRun, ReplayCounts counts) =>
        JsonSerializer.Serialize(
            new
            {
                topic,
                dry_run = dryRun,
                replayed = counts.Replayed,
                reasons = counts.ByReason,
                skipped = counts.Skipped,
            }
        );

    private static string Text(string topic, bool dryRun, ReplayCounts counts)
    {
        static string One(KeyValuePair<string, long> counted) =>
            string.Create(CultureInfo.InvariantCulture, $"{counted.Value} {Excerpt.Of(counted.Key)}");
        static string Counted(IReadOnlyDictionary<string, long> of) =>
            of.Count == 0 ? "" : $" ({string.Join(", ", of.Select(One))})";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.Replayed} dead letters {(dryRun ? "would be" : "were")} replayed to topic {topic}"
                + $"{Counted(counts.ByReason)}; {counts.Skipped.Values.Sum()} not{Counted(counts.Skipped)}"
        );
    }

    private sealed record Plan(
        DateTimeOffset? Since,
        IReadOnlyCollection<string> Reasons,
        bool All,
        bool DryRun,
        double PerSecond
    );
}
