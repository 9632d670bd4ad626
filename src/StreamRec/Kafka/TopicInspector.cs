using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamRec.Kafka;

/// <summary>What Kafka knows of a topic.</summary>
/// <param name="Uuid">The incarnation; the topic's own name where it was not asked for, or the broker has no topic ids.</param>
internal sealed record TopicFacts(string Name, string Uuid, int Partitions);

/// <summary>Asks Kafka about topics and groups.</summary>
internal sealed class TopicInspector(KafkaSettings settings) : IDisposable
{
    private const int CreationAttempts = 10;
    private static readonly TimeSpan s_creationWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly IAdminClient _admin =
        new AdminClientBuilder(settings.Apply(new AdminClientConfig())).SetLogHandler((_, _) => { }).Build();

    /// <param name="identify">Ask for the topic's id too.</param>
    /// <exception cref="StreamRecException">The topic is not there, or Kafka cannot be reached.</exception>
    public async Task<TopicFacts> DescribeAsync(string topic, bool identify)
    {
        var metadata = Metadata(topic);
        for (var attempt = 0; attempt < CreationAttempts && metadata.Error.IsError; attempt++)
        {
            // A broker that makes topics on demand needs a moment after the first question.
            await Task.Delay(s_creationWait);
            metadata = Metadata(topic);
        }
        if (metadata.Error.IsError || metadata.Partitions.Count == 0)
        {
            throw new StreamRecException(
                $"Topic '{topic}' is not on Kafka at {settings.Bootstrap} ({metadata.Error.Reason}). Create it, or check --topic.",
                ExitCode.Unreachable);
        }
        return new TopicFacts(topic, identify ? await UuidAsync(topic) : topic, metadata.Partitions.Count);
    }

    /// <summary>The group's committed offset of a partition; null if it never committed one.</summary>
    public async Task<long?> CommittedAsync(string group, TopicPartition partition)
    {
        try
        {
            var answer = await _admin.ListConsumerGroupOffsetsAsync(
                [new ConsumerGroupTopicPartitions(group, [partition])],
                new ListConsumerGroupOffsetsOptions { RequestTimeout = s_timeout });
            var found = answer[0].Partitions.Single();
            return found.Offset.Value >= 0 ? found.Offset.Value : null;
        }
        catch (ListConsumerGroupOffsetsException fault)
            when (fault.Results.All(r => r.Partitions.All(p => p.Error.Code is ErrorCode.NoError or ErrorCode.GroupIdNotFound))
                && fault.Results.All(r => r.Error.Code is ErrorCode.GroupIdNotFound or ErrorCode.NoError))
        {
            return null;
        }
    }

    private TopicMetadata Metadata(string topic)
    {
        try
        {
            return _admin.GetMetadata(topic, s_timeout).Topics.Single();
        }
        catch (KafkaException fault)
        {
            throw settings.Unreachable($"did not answer ({fault.Error.Reason})");
        }
    }

    private async Task<string> UuidAsync(string topic)
    {
        try
        {
            var answer = await _admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = s_timeout });
            return answer.TopicDescriptions.Single().TopicId.ToString();
        }
        catch (KafkaException fault) when (fault.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion)
        {
            return topic;
        }
    }

    public void Dispose() => _admin.Dispose();
}
