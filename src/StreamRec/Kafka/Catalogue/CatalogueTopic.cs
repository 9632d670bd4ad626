using Confluent.Kafka.Admin;
using StreamRec.Kafka.Topics;

namespace StreamRec.Kafka.Catalogue;

/// <summary>The topic of a catalogue, schemas/item.md: one partition, compacted.</summary>
internal static class CatalogueTopic
{
    /// <summary>The name by custom, where none is given.</summary>
    public static string NameFor(string events) => events + ".items";

    /// <param name="identify">Ask for the topic's id, its rights and its settings too.</param>
    /// <exception cref="StreamRecException">The topic is not there, may not be used, is no catalogue, or Kafka cannot
    /// be reached.</exception>
    public static async Task<TopicFacts> CheckedAsync(
        TopicInspector inspector,
        string topic,
        AclOperation need,
        bool identify,
        CancellationToken cancel
    )
    {
        var facts = await inspector.DescribeAsync(topic, need, identify, cancel);
        var settings = identify ? await inspector.SettingsAsync(topic, cancel) : null;
        return Fault(facts, settings) is { } fault ? throw new StreamRecException(fault, FaultKind.Usage) : facts;
    }

    /// <summary>Why a topic can be no catalogue; null: it can.</summary>
    /// <param name="settings">Null where the broker, or this user's rights, do not tell.</param>
    public static string? Fault(TopicFacts topic, IReadOnlyDictionary<string, string>? settings) =>
        topic.Partitions != 1
            ? $"Topic '{topic.Name}' has {topic.Partitions} partitions, and a catalogue has exactly one, so that its "
                + "records are in one order: create it anew with 1 partition and cleanup.policy=compact."
        : settings?.GetValueOrDefault("cleanup.policy") is { } policy && policy != "compact"
            ? $"Topic '{topic.Name}' has cleanup.policy={policy}, and a catalogue must be compact: Kafka would delete "
                + "items that nobody withdrew. Set cleanup.policy=compact."
        : null;
}
