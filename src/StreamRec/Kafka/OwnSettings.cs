namespace StreamRec.Kafka;

/// <summary>Settings of Kafka's client that are StreamRec's own, and why each cannot be changed.</summary>
internal static class OwnSettings
{
    private const string Once =
            "producers are idempotent, so that each event is in its topic once: all replicas acknowledge it, and "
            + "it is sent again until message.timeout.ms is over",
        Position =
            "where work goes on stands in Redis beside the states; "
            + "what Kafka holds only tells others how far it is",
        Named = "it has an option of its own",
        Reports = "StreamRec waits for what the client reports";

    private static readonly Dictionary<string, string> s_reasons = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bootstrap.servers"] = $"{Named}: --bootstrap",
        ["metadata.broker.list"] = $"{Named}: --bootstrap",
        ["group.id"] = $"{Named}: --group",
        ["group.protocol"] = $"{Named}: --group-protocol",
        ["group.instance.id"] = $"{Named}: --group-instance-id",
        ["partitioner"] = $"{Named}: --partitioner",
        ["acks"] = Once,
        ["request.required.acks"] = Once,
        ["retries"] = Once,
        ["message.send.max.retries"] = Once,
        ["max.in.flight"] = Once,
        ["max.in.flight.requests.per.connection"] = Once,
        ["enable.idempotence"] = Once,
        ["enable.gapless.guarantee"] = Once,
        ["queuing.strategy"] = Once,
        ["transactional.id"] =
            "states, lists and the next offset are written in one step of Redis, which no transaction of Kafka's "
            + "covers",
        ["enable.auto.commit"] = Position,
        ["auto.commit.enable"] = Position,
        ["enable.auto.offset.store"] = Position,
        ["auto.offset.reset"] = $"{Position}; a first start begins at --from",
        ["enable.partition.eof"] = "lag and --until-end rest on the ends that it tells of",
        ["statistics.interval.ms"] = "what a partition waits for is seen in the statistics",
        ["isolation.level"] = "records of transactions that were aborted would be worked as events",
        ["partition.assignment.strategy"] =
            "all members of a group need the same, cooperative-sticky, or the group is refused",
        ["delivery.report.only.error"] = Reports,
        ["dotnet.producer.enable.delivery.reports"] = Reports,
        ["dotnet.producer.enable.background.poll"] = Reports,
        ["dotnet.producer.delivery.report.fields"] = Reports,
        ["dotnet.consumer.consume.result.fields"] = "a record's time is checked, and a dead letter tells it",
    };

    /// <exception cref="StreamRecException">One of the names is among them; the message says why it stays as it
    /// is.</exception>
    public static void Refuse(IEnumerable<string> names)
    {
        if (names.FirstOrDefault(s_reasons.ContainsKey) is { } name)
        {
            throw new StreamRecException(
                $"The setting Kafka:{name.ToLowerInvariant()} cannot be changed: {s_reasons[name]}. Leave it out.",
                FaultKind.Usage
            );
        }
    }
}
