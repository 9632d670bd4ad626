using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka.Admin;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Recovery;
using StreamRec.Terminal;

namespace StreamRec.Commands;

/// <summary>
/// `streamrec recover`: lets a halted partition be worked again, from states and a position that fit the log.
/// </summary>
internal static class RecoverCommand
{
    private const string Keep = "keep",
        Drop = "drop";

    public static Command Create()
    {
        var topic = new Option<string>("--topic") { Description = "Kafka topic of click events.", Required = true };
        var group = new Option<string>("--group")
        {
            Description = "Kafka consumer group that shall work it.",
            Required = true,
        };
        var partition = new Option<int[]>("--partition") { Description = "Which partitions. Default all." };
        var from = new Option<string?>("--from")
        {
            Description =
                "Where work goes on: earliest, latest, a time, or n: where the kept states are. "
                + "Default: n where states are kept and fit, else earliest.",
        };
        var states = new Option<string>("--states")
        {
            Description = "drop: rebuild users from the log. keep: what is known of them still holds.",
            DefaultValueFactory = _ => Drop,
        };
        var lists = new Option<string>("--lists")
        {
            Description =
                "keep: readers see the old lists until new ones replace them. "
                + "drop: users whose states go fall back to the popular list.",
            DefaultValueFactory = _ => Keep,
        };
        states.AcceptOnlyFromAmong(Drop, Keep);
        lists.AcceptOnlyFromAmong(Drop, Keep);
        var json = SharedOptions.Json();
        var yes = new Option<bool>("--yes") { Description = "Do it; without this, say what would be done." };
        var (bootstrap, redis, prefix, set) = (
            SharedOptions.Bootstrap(),
            SharedOptions.Redis(),
            SharedOptions.Prefix(),
            SharedOptions.Set()
        );
        var command = new Command(
            "recover",
            "After a halt: make meta, states and position fit the log again (docs/operations.md)."
        )
        {
            topic,
            group,
            partition,
            from,
            states,
            lists,
            yes,
            json,
            bootstrap,
            redis,
            prefix,
            set,
        };
        command.SetAction(
            (parsed, cancel) =>
                RunAsync(
                    SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, bootstrap, redis, prefix)),
                    new Plan(
                        parsed.GetRequiredValue(topic),
                        parsed.GetRequiredValue(group),
                        parsed.GetValue(partition) ?? [],
                        parsed.GetValue(from),
                        parsed.GetValue(states) == Keep,
                        parsed.GetValue(lists) == Drop,
                        parsed.GetValue(yes),
                        parsed.GetValue(json)
                    ),
                    cancel
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(ServerOptions servers, Plan plan, CancellationToken cancel)
    {
        var from = plan.From is null or "n" ? default : StartPosition.Parse(plan.From);
        var settings = servers.KafkaSettings();
        using var inspector = new TopicInspector(settings);
        var topic = await inspector.DescribeAsync(plan.Topic, AclOperation.Read, identify: true, cancel);
        var chosen =
            plan.Partitions.Length > 0
                ? plan.Partitions.Distinct().Order().ToArray()
                : [.. Enumerable.Range(0, topic.Partitions)];
        if (chosen.FirstOrDefault(p => p < 0 || p >= topic.Partitions, -1) is var stranger && stranger != -1)
        {
            throw new StreamRecException(
                $"--partition is {stranger}: topic '{topic.Name}' has partitions 0 to {topic.Partitions - 1}.",
                FaultKind.Usage
            );
        }
        await using var redis = await RedisConnection.ConnectAsync(servers.RedisSettings(), cancel: cancel);
        var keys = new StoreKeys(servers.Prefix);
        var identities = Array.ConvertAll(
            chosen,
            p => new PartitionIdentity(topic.Name, p, topic.Uuid, topic.Partitions, plan.Group)
        );
        var found = new FoundMeta[identities.Length];
        for (var i = 0; i < found.Length; i++)
        {
            var meta = keys.Meta(identities[i]);
            found[i] = await RedisRefusal
                .AskedAsync(servers.RedisSettings(), () => FoundMeta.ReadAsync(redis.GetDatabase(), meta))
                .WaitAsync(cancel);
        }
        var starts = await StartsAsync(
            plan,
            from,
            topic,
            identities,
            found,
            new LogProbe(settings, plan.Group),
            cancel
        );
        Tell(plan, identities, found, starts);
        if (!plan.Sure)
        {
            TellJson(plan, identities, starts, 0, 0);
            throw new StreamRecException("Nothing was changed. Add --yes to do it.", FaultKind.Usage);
        }
        await RedisRefusal.AskedAsync(
            servers.RedisSettings(),
            async () =>
            {
                var writes = RedisConnection.IsCluster(redis)
                    ? await ShardWrites.BeginAsync(redis, servers.ListReplicas)
                    : null;
                await DoAsync(
                    new PartitionRecovery(redis.GetDatabase(), keys, writes),
                    writes is not null,
                    plan,
                    topic,
                    identities,
                    starts,
                    cancel
                );
                return true;
            },
            "Then run the same command again."
        );
        return (int)ExitCode.Success;
    }

    private static async Task DoAsync(
        PartitionRecovery recovery,
        bool cluster,
        Plan plan,
        TopicFacts topic,
        PartitionIdentity[] identities,
        LogPosition[] starts,
        CancellationToken cancel
    )
    {
        var progress = new ProgressLine(TimeProvider.System);
        recovery.Gone += users =>
            progress.Report(_ => string.Create(CultureInfo.InvariantCulture, $"{users:N0} users' states"));
        foreach (var partition in identities)
        {
            await recovery.BeginAsync(partition);
        }
        await recovery.ReplicatedAsync();
        long dropped = 0,
            dirty = 0;
        var chosen = plan.Partitions.Length > 0 ? identities.Select(p => p.Partition).ToHashSet() : null;
        if (!plan.KeepStates)
        {
            dropped = await recovery.DropStatesAsync(topic.Name, chosen, plan.DropLists, cancel);
        }
        else if (cluster)
        {
            dirty = await recovery.MarkDirtyAsync(topic.Name, chosen, cancel);
        }
        for (var i = 0; i < identities.Length; i++)
        {
            await recovery.EndAsync(identities[i], starts[i]);
        }
        progress.Erase();
        TellJson(plan, identities, starts, dropped, dirty);
        Say(
            plan,
            $"Recovered {identities.Length} partitions of '{topic.Name}' for group '{plan.Group}'; "
                + $"{dropped} states were dropped"
                + (dirty > 0 ? $", {dirty} users' lists will be published again" : "")
                + ". Start the workers."
        );
    }

    private static async Task<LogPosition[]> StartsAsync(
        Plan plan,
        StartPosition from,
        TopicFacts topic,
        PartitionIdentity[] identities,
        FoundMeta[] found,
        LogProbe probe,
        CancellationToken cancel
    )
    {
        if (
            plan.KeepStates
            && found.FirstOrDefault(m => m.Partitions is { } count && count != topic.Partitions) is { } changed
        )
        {
            throw new StreamRecException(
                $"--states keep cannot be: the states were made with {changed.Partitions} partitions, "
                    + $"the topic has {topic.Partitions}, and users move with the number. Leave it out: "
                    + "states are dropped and rebuilt.",
                FaultKind.Usage
            );
        }
        var starts = new LogPosition[identities.Length];
        for (var i = 0; i < starts.Length; i++)
        {
            var place = new Confluent.Kafka.TopicPartition(topic.Name, identities[i].Partition);
            var fits = found[i] is { Next: >= 0 } meta && meta.TopicUuid == topic.Uuid;
            if (plan.From == "n" && !fits)
            {
                throw new StreamRecException(
                    $"--from n cannot be: partition {identities[i].Partition} has no next offset in this topic. "
                        + "Give earliest, latest or a time.",
                    FaultKind.Usage
                );
            }
            // Without an epoch, so that it is not asked whether the log was cut below: who recovers knows, and goes on.
            starts[i] = new LogPosition(
                plan.From == "n" || (plan.From is null && plan.KeepStates && fits)
                    ? found[i].Next
                    : await probe.AskAsync(asked => asked.Start(place, from), cancel).WaitAsync(cancel),
                -1
            );
        }
        return starts;
    }

    private static void Tell(Plan plan, PartitionIdentity[] identities, FoundMeta[] found, LogPosition[] starts)
    {
        for (var i = 0; i < identities.Length; i++)
        {
            Say(
                plan,
                $"partition {identities[i].Partition}: {found[i]}; "
                    + $"{(plan.KeepStates ? "keep" : "drop")} its states, go on at offset {starts[i].Offset}"
            );
        }
    }

    /// <summary>With --json stdout is the object's alone.</summary>
    private static void Say(Plan plan, string line) => (plan.Json ? Console.Error : Console.Out).WriteLine(line);

    private static void TellJson(
        Plan plan,
        PartitionIdentity[] identities,
        LogPosition[] starts,
        long dropped,
        long dirty
    )
    {
        if (plan.Json)
        {
            Console.WriteLine(Json(plan, identities, starts, dropped, dirty));
        }
    }

    internal static string Json(
        Plan plan,
        IEnumerable<PartitionIdentity> identities,
        IEnumerable<LogPosition> starts,
        long dropped,
        long dirty
    ) =>
        JsonSerializer.Serialize(
            new
            {
                topic = plan.Topic,
                group = plan.Group,
                done = plan.Sure,
                states = plan.KeepStates ? Keep : Drop,
                partitions = identities.Zip(
                    starts,
                    (identity, start) => new { partition = identity.Partition, offset = start.Offset }
                ),
                dropped_states = dropped,
                dirty_users = dirty,
            }
        );

    internal sealed record Plan(
        string Topic,
        string Group,
        int[] Partitions,
        string? From,
        bool KeepStates,
        bool DropLists,
        bool Sure,
        bool Json
    );

    /// <summary>What the store says of a partition now.</summary>
    private sealed record FoundMeta(string? Group, string? TopicUuid, int? Partitions, long Next)
    {
        public static async Task<FoundMeta> ReadAsync(IDatabase redis, RedisKey meta)
        {
            var fields = await redis.HashGetAsync(meta, ["group", "topic_uuid", "partitions", "next"]);
            // What is damaged counts as not there.
            return new(
                fields[0],
                fields[1],
                fields[2].TryParse(out int partitions) ? partitions : null,
                fields[3].TryParse(out long next) ? next : -1
            );
        }

        public override string ToString() =>
            Group is null
                ? "Redis holds nothing of it"
                : $"Redis holds group '{Group}', topic id {TopicUuid}, {Partitions} partitions, n = {Next}";
    }
}
