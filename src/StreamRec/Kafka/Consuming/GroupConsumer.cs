using Confluent.Kafka;

namespace StreamRec.Kafka.Consuming;

/// <summary>How a worker is a member of its group.</summary>
/// <param name="InstanceId">A name that outlives the process (static membership); empty for none.</param>
/// <param name="Consumer">The newer consumer protocol (KIP-848, Kafka 4.0 and later) in place of the classic
/// one.</param>
internal sealed record GroupSettings(string Name, string InstanceId = "", bool Consumer = false)
{
    public string Protocol => Consumer ? "consumer" : "classic";
}

/// <summary>The consumer of a group, under either protocol.</summary>
internal static class GroupConsumer
{
    /// <summary>What the broker decides under the consumer protocol, and the broker's setting for it.</summary>
    private static readonly Dictionary<string, string> s_brokers = new()
    {
        ["session.timeout.ms"] = "group.consumer.session.timeout.ms",
        ["heartbeat.interval.ms"] = "group.consumer.heartbeat.interval.ms",
        ["group.protocol.type"] = "nothing",
    };

    /// <exception cref="StreamRecException">A further setting does not go with the protocol.</exception>
    public static ConsumerConfig Configure(KafkaSettings settings, GroupSettings group)
    {
        var config = new ConsumerConfig
        {
            GroupId = group.Name,
            EnableAutoCommit = true,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
            QueuedMaxMessagesKbytes = 16_384,
            FetchWaitMaxMs = 100,
            StatisticsIntervalMs = 5_000,
        };
        if (group.InstanceId.Length > 0)
        {
            config.GroupInstanceId = group.InstanceId;
        }
        if (group.Consumer)
        {
            config.GroupProtocol = GroupProtocol.Consumer;
            foreach (var (name, brokers) in s_brokers)
            {
                if (settings.Further(name) is not null)
                {
                    throw new StreamRecException(
                        $"Kafka:{name} does not go with --group-protocol consumer: "
                            + $"the broker decides it ({brokers}). Leave it out, or use classic.",
                        FaultKind.Usage
                    );
                }
            }
        }
        else
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            if (settings.Further("group.remote.assignor") is not null)
            {
                throw new StreamRecException(
                    "Kafka:group.remote.assignor goes with --group-protocol consumer alone. Leave it out, or use that.",
                    FaultKind.Usage
                );
            }
        }
        return settings.Apply(config);
    }

    /// <summary>What a refusal means after which the client tries again.</summary>
    public static string Refusal(Error error, GroupSettings group) =>
        error.Code switch
        {
            ErrorCode.InconsistentGroupProtocol =>
                $"Kafka does not let this worker join group '{group.Name}' ({error.Reason}): "
                    + "a member under another protocol or with another assignor is in it, "
                    + "as an older program or a look with kcat. "
                    + "Stop that one, or give this worker a --group of its own",
            ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic =>
                $"the topic cannot be seen ({error.Reason}): it was deleted, or its brokers are away",
            _ => $"{error.Reason} ({error.Code})",
        };

    /// <summary>What a fault means after which the client does nothing more.</summary>
    public static StreamRecException Explain(Error error, GroupSettings group) =>
        error.Code switch
        {
            ErrorCode.FencedInstanceId or ErrorCode.UnreleasedInstanceId => new(
                $"Another worker of group '{group.Name}' runs under --group-instance-id '{group.InstanceId}'. "
                    + "Give each worker its own.",
                FaultKind.Unreachable
            ),
            ErrorCode.GroupIdNotFound or ErrorCode.InconsistentGroupProtocol => new(
                $"Kafka refuses group '{group.Name}' under the {group.Protocol} protocol ({error.Reason}): "
                    + "as a rule because it has members under the other. Stop them all, "
                    + "then start all workers under one.",
                FaultKind.Unreachable
            ),
            ErrorCode.UnsupportedVersion or ErrorCode.Local_UnsupportedFeature => new(
                $"This Kafka does not speak the consumer protocol ({error.Reason}). Use --group-protocol classic.",
                FaultKind.Unreachable
            ),
            _ => new(
                $"Kafka's client gave up: {error.Reason}. Start the worker again: it goes on where its states are.",
                FaultKind.Unreachable
            ),
        };
}
