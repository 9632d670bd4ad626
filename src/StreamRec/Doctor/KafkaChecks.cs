using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Kafka.Catalogue;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Settings;

namespace StreamRec.Doctor;

/// <summary>Kafka: the topics, their settings, the user's rights, and where producers put keys.</summary>
internal sealed class KafkaChecks(WorkOptions options, TimeProvider time) : IDisposable
{
    private readonly TopicInspector _inspector = new(options.KafkaSettings());

    /// <summary>The topic of events, once it was found.</summary>
    public TopicFacts? Topic { get; private set; }

    private static int Replicas(TopicMetadata topic) => topic.Partitions.Min(partition => partition.Replicas.Length);

    public void Dispose() => _inspector.Dispose();

    public async IAsyncEnumerable<Finding> FindAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        var (all, away) = await TriedAsync("kafka.reachable", () => _inspector.AllAsync(cancel));
        if (all is null)
        {
            yield return away!;
            yield break;
        }
        yield return Finding.Ok(
            "kafka.reachable",
            string.Create(CultureInfo.InvariantCulture, $"{all.Brokers.Count} brokers at {options.Bootstrap}")
        );
        var topic = all.Topics.Find(known => known.Topic == options.Topic);
        var letters = all.Topics.Find(known => known.Topic == options.DeadLetters);
        yield return Exists("kafka.topic", options.Topic, topic, all);
        yield return Exists("kafka.dead_letter_topic", options.DeadLetters, letters, all);
        if (options.ItemsTopic.Length > 0)
        {
            yield return await CatalogueAsync(all, cancel);
        }
        yield return await GroupAsync(cancel);
        if (topic is null)
        {
            yield break;
        }
        Topic = await _inspector.LookAsync(topic.Topic, options.TopicIds);
        yield return await RightAsync("kafka.topic_right", topic, AclOperation.Read, cancel);
        if (letters is not null)
        {
            yield return await RightAsync("kafka.dead_letter_right", letters, AclOperation.Write, cancel);
        }
        yield return Leaders(topic);
        yield return Replication(topic, all.Brokers.Count);
        var settings = await _inspector.SettingsAsync(topic.Topic, cancel);
        foreach (var finding in Durability(topic, settings))
        {
            yield return finding;
        }
        var doubts = TopicDoubts
            .Found(
                (topic.Topic, settings),
                (options.DeadLetters, letters is null ? null : await _inspector.SettingsAsync(letters.Topic, cancel))
            )
            .ToList();
        foreach (var doubt in doubts)
        {
            yield return new Finding(
                doubt.Loses ? Level.Fail : Level.Warn,
                "kafka.topic_settings",
                doubt.Text,
                doubt.Mend is null ? null : Configure(doubt.Topic, doubt.Mend)
            );
        }
        if (doubts.Count == 0)
        {
            yield return Finding.Ok("kafka.topic_settings", "neither topic loses events by its settings");
        }
        var sample = await StraySample.TakeAsync(options, topic, _inspector, cancel);
        yield return sample.Strays(options);
        if (sample.NewestMs is { } newest)
        {
            yield return Clock(newest);
        }
    }

    private Finding Exists(
        string check,
        string name,
        TopicMetadata? topic,
        Metadata all,
        string shape = "--partitions 12"
    ) =>
        topic is not null
            ? Finding.Ok(
                check,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{Finding.Quoted(name)}' has {topic.Partitions.Count} partitions"
                )
            )
            : Finding.Fail(
                check,
                $"'{Finding.Quoted(name)}' is not there, or this user may not see it",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"kafka-topics --bootstrap-server {options.Bootstrap} --create --topic {name} "
                        + $"{shape} --replication-factor {Math.Min(3, all.Brokers.Count)}"
                )
            );

    private async Task<Finding> CatalogueAsync(Metadata all, CancellationToken cancel)
    {
        const string Check = "kafka.items_topic";
        if (all.Topics.Find(known => known.Topic == options.ItemsTopic) is not { } items)
        {
            return Exists(Check, options.ItemsTopic, null, all, "--partitions 1 --config cleanup.policy=compact");
        }
        var facts = new TopicFacts(items.Topic, items.Topic, items.Partitions.Count);
        var fault = CatalogueTopic.Fault(facts, await _inspector.SettingsAsync(items.Topic, cancel));
        return fault is null
            ? await RightAsync(Check, items, AclOperation.Read, cancel)
            : Finding.Fail(
                Check,
                fault.TrimEnd('.'),
                facts.Partitions == 1 ? Configure(items.Topic, "cleanup.policy=compact") : null
            );
    }

    private async Task<Finding> GroupAsync(CancellationToken cancel)
    {
        const string Check = "kafka.group_right";
        var (group, fault) = await TriedAsync(
            Check,
            async () => (Found: await _inspector.GroupAsync(options.Group, cancel), Asked: true)
        );
        if (fault is not null)
        {
            return fault with { Mend = Grant(AclOperation.Read, "group", options.Group) };
        }
        return group.Found?.AuthorizedOperations is { Count: > 0 } rights && !rights.Contains(AclOperation.Read)
            ? Finding.Fail(
                Check,
                $"this user may not read group '{Finding.Quoted(options.Group)}'",
                Grant(AclOperation.Read, "group", options.Group)
            )
            : Finding.Ok(
                Check,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"group '{Finding.Quoted(options.Group)}' has {group.Found?.Members.Count ?? 0} members"
                )
            );
    }

    private async Task<Finding> RightAsync(
        string check,
        TopicMetadata topic,
        AclOperation need,
        CancellationToken cancel
    )
    {
        var (_, fault) = await TriedAsync(check, () => _inspector.IdentifyAsync(topic.Topic, need, cancel));
        return fault is null
            ? Finding.Ok(check, $"this user may {need.ToString().ToLowerInvariant()} '{topic.Topic}'")
            : fault with
            {
                Mend = Grant(need, "topic", topic.Topic),
            };
    }

    private static Finding Leaders(TopicMetadata topic)
    {
        var headless = topic.Partitions.Where(partition => partition.Leader < 0).Select(p => p.PartitionId).ToList();
        var behind = topic.Partitions.Count(partition => partition.InSyncReplicas.Length < partition.Replicas.Length);
        return headless.Count > 0
                ? Finding.Fail("kafka.leaders", $"partitions {string.Join(", ", headless)} have no leader")
            : behind > 0
                ? Finding.Warn(
                    "kafka.leaders",
                    string.Create(CultureInfo.InvariantCulture, $"{behind} partitions have replicas out of sync")
                )
            : Finding.Ok("kafka.leaders", "all partitions have a leader, and their replicas are in sync");
    }

    private static Finding Replication(TopicMetadata topic, int brokers)
    {
        var seen = string.Create(
            CultureInfo.InvariantCulture,
            $"'{topic.Topic}' has {Replicas(topic)} replicas on {brokers} brokers"
        );
        return Replicas(topic) >= 3
            ? Finding.Ok("kafka.replicas", seen)
            : Finding.Warn(
                "kafka.replicas",
                $"{seen}: with fewer than 3, a broker's loss or repair can lose events or stop producers"
            );
    }

    private IEnumerable<Finding> Durability(TopicMetadata topic, IReadOnlyDictionary<string, string>? settings)
    {
        if (settings is null)
        {
            yield break;
        }
        var least = settings.GetValueOrDefault("min.insync.replicas") ?? "1";
        yield return least == "1" && Replicas(topic) > 2
            ? Finding.Warn(
                "kafka.min_insync",
                "min.insync.replicas is 1: what one broker alone has acknowledged is lost with it",
                Configure(topic.Topic, "min.insync.replicas=2")
            )
            : Finding.Ok("kafka.min_insync", $"min.insync.replicas is {least}");
        yield return settings.GetValueOrDefault("unclean.leader.election.enable") == "true"
            ? Finding.Warn(
                "kafka.unclean_election",
                "unclean.leader.election.enable is true: Kafka may cut the log, and a worker halts (Fork)",
                Configure(topic.Topic, "unclean.leader.election.enable=false")
            )
            : Finding.Ok("kafka.unclean_election", "no unclean leader is elected");
    }

    private Finding Clock(long newestMs)
    {
        var ahead = DateTimeOffset.FromUnixTimeMilliseconds(newestMs) - time.GetUtcNow();
        return ahead > options.MaxAhead
            ? Finding.Warn(
                "kafka.clock",
                $"the newest record is stamped {Duration.Show(new TimeSpan(0, 0, (int)ahead.TotalSeconds))} ahead of "
                    + "this machine's clock",
                Configure(options.Topic, "message.timestamp.type=LogAppendTime")
            )
            : Finding.Ok("kafka.clock", "no record is stamped ahead of this machine's clock");
    }

    private string Configure(string topic, string setting) =>
        $"kafka-configs --bootstrap-server {options.Bootstrap} --alter --entity-type topics --entity-name {topic} "
        + $"--add-config {setting}";

    private string Grant(AclOperation right, string kind, string name) =>
        $"kafka-acls --bootstrap-server {options.Bootstrap} --add --allow-principal User:NAME --operation {right} "
        + $"--{kind} {name}";

    private static async Task<(T? Answer, Finding? Fault)> TriedAsync<T>(string check, Func<Task<T>> ask)
    {
        try
        {
            return (await ask(), null);
        }
        catch (StreamRecException fault)
        {
            return (default, Finding.Fail(check, fault.Message));
        }
    }
}
