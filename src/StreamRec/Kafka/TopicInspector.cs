using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamRec.Kafka;

/// <summary>What Kafka knows of a topic.</summary>
/// <param name="Uuid">The incarnation; the topic's own name where it was not asked for, or the broker has no topic ids.</param>
internal sealed record TopicFacts(string Name, string Uuid, int Partitions);

/// <summary>Asks Kafka about topics and groups.</summary>
internal sealed class TopicInspector : IDisposable
{
    private const int CreationAttempts = 10;
    private static readonly TimeSpan s_creationWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly KafkaSettings _settings;
    private readonly IAdminClient _admin;

    // The client tells of connections that fail here, and of requests only that nobody answered.
    private volatile Error? _trouble;

    /// <exception cref="StreamRecException">The client refuses a setting.</exception>
    public TopicInspector(KafkaSettings settings)
    {
        _settings = settings;
        _admin = settings.Open(() => new AdminClientBuilder(settings.Apply(new AdminClientConfig()))
            .SetLogHandler(settings.Log.Write).SetErrorHandler((_, error) => Note(error)).Build());
    }

    /// <param name="need">What the caller will do with the topic: checked where the broker tells of rights.</param>
    /// <param name="identify">Ask for the topic's id too, and for the rights.</param>
    /// <exception cref="StreamRecException">The topic is not there, may not be used, or Kafka cannot be reached.</exception>
    public async Task<TopicFacts> DescribeAsync(string topic, AclOperation need, bool identify)
    {
        var metadata = await Blocking.RunAsync(() => Metadata(topic));
        for (var attempt = 0; attempt < CreationAttempts && metadata.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable; attempt++)
        {
            // A broker that makes topics on demand needs a moment after the first question.
            await Task.Delay(s_creationWait);
            metadata = await Blocking.RunAsync(() => Metadata(topic));
        }
        if (metadata.Error.IsError || metadata.Partitions.Count == 0)
        {
            throw _settings.Refusal(metadata.Error, $"topic '{topic}'") ?? new StreamRecException(
                $"Topic '{topic}' is not on Kafka at {_settings.Bootstrap} ({metadata.Error.Reason}). Create it, or check --topic.",
                ExitCode.Unreachable);
        }
        return new TopicFacts(topic, identify ? await UuidAsync(topic, need) : topic, metadata.Partitions.Count);
    }

    /// <summary>The topic as it is now, without waiting for one that is not there: null then, or where nobody answers.</summary>
    public async Task<TopicFacts?> LookAsync(string topic, bool identify)
    {
        try
        {
            var metadata = await Blocking.RunAsync(() => Metadata(topic));
            return metadata.Error.IsError || metadata.Partitions.Count == 0
                ? null
                : new TopicFacts(topic, identify ? await UuidAsync(topic, AclOperation.Read) : topic, metadata.Partitions.Count);
        }
        catch (StreamRecException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the topic bounds its records' timestamps: by LogAppendTime, or by message.timestamp.after.max.ms of at most
    /// <paramref name="most"/>. Null where the broker does not tell.
    /// </summary>
    public async Task<bool?> BoundsTimestampsAsync(string topic, TimeSpan most)
    {
        try
        {
            var answer = await _admin.DescribeConfigsAsync(
                [new ConfigResource { Type = ResourceType.Topic, Name = topic }], new DescribeConfigsOptions { RequestTimeout = s_timeout });
            var settings = answer.Single().Entries;
            return (settings.TryGetValue("message.timestamp.type", out var type) && type.Value == "LogAppendTime")
                || (settings.TryGetValue("message.timestamp.after.max.ms", out var after)
                    && long.TryParse(after.Value, out var ms) && ms <= most.TotalMilliseconds);
        }
        catch (KafkaException)
        {
            return null;
        }
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
            throw Explain(fault);
        }
    }

    private async Task<string> UuidAsync(string topic, AclOperation need)
    {
        try
        {
            var answer = await _admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([topic]),
                new DescribeTopicsOptions { RequestTimeout = s_timeout, IncludeAuthorizedOperations = true });
            var found = answer.TopicDescriptions.Single();
            // Brokers without an authorizer tell of all rights, or of none.
            return found.AuthorizedOperations is not { Count: > 0 } rights || rights.Contains(need)
                ? found.TopicId.ToString()
                : throw new StreamRecException(
                    $"Kafka at {_settings.Bootstrap} does not let this user {need.ToString().ToLowerInvariant()} topic '{topic}'. "
                    + "Grant the right: docs/security.md lists them all.", ExitCode.Unreachable);
        }
        catch (KafkaException fault) when (fault.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion)
        {
            return topic;
        }
        catch (KafkaException fault)
        {
            throw Explain(fault);
        }
    }

    private StreamRecException Explain(KafkaException fault) =>
        _settings.Refusal(fault.Error, "this") ?? (_trouble is { } trouble
            ? _settings.Refusal(trouble, "this") ?? _settings.Unreachable($"did not answer ({trouble.Reason})")
            : _settings.Unreachable($"did not answer ({fault.Error.Reason})"));

    // "All brokers are down" follows the reason, and says less.
    private void Note(Error error) => _trouble = error.Code == ErrorCode.Local_AllBrokersDown ? _trouble ?? error : error;

    public void Dispose() => _admin.Dispose();
}
