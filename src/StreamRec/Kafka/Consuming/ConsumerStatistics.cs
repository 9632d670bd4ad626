using System.Globalization;
using System.Text.Json;

namespace StreamRec.Kafka.Consuming;

/// <summary>
/// The little of librdkafka's statistics (STATISTICS.md) that says whether brokers answer, and whether the group is
/// joined.
/// </summary>
/// <param name="GroupState">The coordinator's: "up" where it is known and connected. Null where the statistics have
/// none.</param>
/// <param name="JoinState">"steady" where the classic protocol is at rest.</param>
/// <param name="Unreachable">By partition, why its broker cannot be reached; null where it can, or nothing is known of
/// it.</param>
internal sealed record ConsumerStatistics(string? GroupState, string? JoinState, IReadOnlyList<string?> Unreachable)
{
    /// <summary>
    /// A broker that owes an answer, and has sent nothing for so long, hangs: an empty fetch takes .1 s.
    /// </summary>
    private const long SilentMicroseconds = 10_000_000;

    /// <summary>Null for what is no such text.</summary>
    public static ConsumerStatistics? Read(string json, int partitions)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement, partitions);
        }
        catch (Exception fault)
            when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static ConsumerStatistics Read(JsonElement root, int partitions)
    {
        var brokers = new Dictionary<int, string?>();
        foreach (var broker in root.GetProperty("brokers").EnumerateObject().Select(b => b.Value))
        {
            // Others are the addresses that were given, and the coordinator's second connection.
            if (broker.GetProperty("nodeid").GetInt32() is var id and >= 0)
            {
                brokers[id] = Trouble(broker);
            }
        }
        var unreachable = new string?[partitions];
        foreach (var topic in root.GetProperty("topics").EnumerateObject().Select(t => t.Value))
        {
            foreach (var partition in topic.GetProperty("partitions").EnumerateObject().Select(p => p.Value))
            {
                var (number, leader) = (
                    partition.GetProperty("partition").GetInt32(),
                    partition.GetProperty("leader").GetInt32()
                );
                if (number >= 0 && number < partitions)
                {
                    unreachable[number] = leader < 0 ? "it has no leader" : brokers.GetValueOrDefault(leader);
                }
            }
        }
        var group = root.TryGetProperty("cgrp", out var found) ? found : default;
        return new(Text(group, "state"), Text(group, "join_state"), unreachable);
    }

    private static string? Trouble(JsonElement broker)
    {
        var (name, state) = (broker.GetProperty("name").GetString(), broker.GetProperty("state").GetString());
        var silent = broker.GetProperty("rxidle").GetInt64();
        return state switch
        {
            "UP" when broker.GetProperty("waitresp_cnt").GetInt64() > 0 && silent > SilentMicroseconds => string.Create(
                CultureInfo.InvariantCulture,
                $"broker {name} has not answered for {silent / 1_000_000} s"
            ),
            // Nothing was asked of it yet.
            "UP" or "INIT" or "UPDATE" => null,
            _ => $"broker {name} is not connected ({state})",
        };
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            ? value.GetString()
            : null;
}
