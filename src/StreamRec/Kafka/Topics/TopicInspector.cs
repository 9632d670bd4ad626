using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Client.Kafka;

namespace StreamRec.Kafka.Topics;

/// <summary>What Kafka knows of a topic.</summary>
/// <param name="Uuid">The incarnation; the topic's own name where it was not asked for, or the broker has no topic
/// ids.</param>
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

    // Questions under way, and one until this is disposed of: the client's handle must outlive them all.
    private int _uses = 1;

    /// <exception cref="StreamRecException">The client refuses a setting.</exception>
    public TopicInspector(KafkaSettings settings)
    {
        _settings = settings;
        _admin = settings.Open(() =>
            new AdminClientBuilder(settings.Apply(new AdminClientConfig()))
                .SetLogHandler(settings.Log.Write)
                .SetErrorHandler((_, error) => Note(error))
                .Build()
        );
    }

    /// <param name="need">What the caller will do with the topic: checked where the broker tells of rights.</param>
    /// <param name="identify">Ask for the topic's id too, and for the rights.</param>
    /// <exception cref="StreamRecException">The topic is not there, may not be used, or Kafka cannot be
    /// reached.</exception>
    public async Task<TopicFacts> DescribeAsync(
        string topic,
        AclOperation need,
        bool identify,
        CancellationToken cancel = default
    )
    {
        var metadata = await MetadataAsync(topic, cancel);
        for (
            var attempt = 0;
            attempt < CreationAttempts
                && metadata.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable;
            attempt++
        )
        {
            // A broker that makes topics on demand needs a moment after the first question.
            await Task.Delay(s_creationWait, cancel);
            metadata = await MetadataAsync(topic, cancel);
        }
        if (metadata.Error.IsError || metadata.Partitions.Count == 0)
        {
            throw metadata.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.TopicException or ErrorCode.NoError
                ? new StreamRecException(
                    $"Topic '{topic}' is not on Kafka at {_settings.Bootstrap} ({metadata.Error.Reason}). "
                        + "Create it, or check its name.",
                    FaultKind.Unreachable
                )
                : _settings.Fault(metadata.Error, $"topic '{topic}'");
        }
        return new TopicFacts(
            topic,
            identify ? await UuidAsync(topic, need, cancel) : topic,
            metadata.Partitions.Count
        );
    }

    /// <summary>
    /// The topic as it is now, without waiting for one that is not there: null then, or where nobody answers.
    /// </summary>
    public async Task<TopicFacts?> LookAsync(string topic, bool identify)
    {
        try
        {
            var metadata = await MetadataAsync(topic, default);
            return metadata.Error.IsError || metadata.Partitions.Count == 0
                ? null
                : new TopicFacts(
                    topic,
                    identify ? await UuidAsync(topic, AclOperation.Read, default) : topic,
                    metadata.Partitions.Count
                );
        }
        catch (StreamRecException)
        {
            return null;
        }
    }

    /// <summary>
    /// The topic's own settings, by Kafka's names; null where the broker, or this user's rights, do not tell.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>?> SettingsAsync(
        string topic,
        CancellationToken cancel = default
    )
    {
        try
        {
            var answer = await _admin
                .DescribeConfigsAsync(
                    [new ConfigResource { Type = ResourceType.Topic, Name = topic }],
                    new DescribeConfigsOptions { RequestTimeout = s_timeout }
                )
                .WaitAsync(cancel);
            return answer
                .Single()
                .Entries.Where(setting => setting.Value.Value is not null)
                .ToDictionary(setting => setting.Key, setting => setting.Value.Value);
        }
        catch (KafkaException)
        {
            return null;
        }
    }

    /// <summary>
    /// The largest batch that a topic takes, in bytes; null where the broker, or this user's rights, do not tell.
    /// </summary>
    public async Task<int?> MostBytesAsync(string topic, CancellationToken cancel) =>
        (await SettingsAsync(topic, cancel))?.GetValueOrDefault("max.message.bytes") is { } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            ? bytes
            : null;

    /// <summary>
    /// The brokers, and all topics that this user may see. A question for one topic, of a broker that makes topics on
    /// demand, would make it; this makes none.
    /// </summary>
    /// <exception cref="StreamRecException">Kafka does not answer, or refuses.</exception>
    public async Task<Metadata> AllAsync(CancellationToken cancel) =>
        await AskedAsync(() => _admin.GetMetadata(s_timeout), cancel);

    /// <summary>The topic's id: its name where the broker has no topic ids.</summary>
    /// <inheritdoc cref="DescribeAsync" path="/param"/>
    /// <exception cref="StreamRecException">The right is missing, or Kafka does not answer.</exception>
    public Task<string> IdentifyAsync(string topic, AclOperation need, CancellationToken cancel) =>
        UuidAsync(topic, need, cancel);

    /// <summary>Where partitions begin or end, as a reader of committed records sees it.</summary>
    /// <exception cref="StreamRecException">Kafka does not answer, or refuses.</exception>
    public async Task<long[]> OffsetsAsync(string topic, int partitions, OffsetSpec which, CancellationToken cancel)
    {
        try
        {
            var answer = await _admin
                .ListOffsetsAsync(
                    Enumerable
                        .Range(0, partitions)
                        .Select(partition => new TopicPartitionOffsetSpec
                        {
                            TopicPartition = new(topic, partition),
                            OffsetSpec = which,
                        }),
                    new ListOffsetsOptions { RequestTimeout = s_timeout, IsolationLevel = IsolationLevel.ReadCommitted }
                )
                .WaitAsync(cancel);
            var offsets = new long[partitions];
            foreach (var found in answer.ResultInfos)
            {
                var place = found.TopicPartitionOffsetError;
                offsets[place.Partition.Value] = place.Offset.Value;
            }
            return offsets;
        }
        catch (KafkaException fault)
        {
            throw Explain(fault, $"topic '{topic}'");
        }
    }

    /// <summary>The group as its coordinator knows it; null where there is none.</summary>
    /// <exception cref="StreamRecException">Kafka does not answer, or refuses.</exception>
    public async Task<ConsumerGroupDescription?> GroupAsync(string group, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (found, error) = await DescribeGroupAsync(group, cancel);
            if (!error.IsError || error.Code == ErrorCode.GroupIdNotFound)
            {
                return found;
            }
            if (attempt == CreationAttempts || _settings.Refusal(error, "") is not null)
            {
                throw Explain(new KafkaException(error), $"group '{group}'");
            }
            // The first group of a broker waits for the topic that groups are kept in.
            await Task.Delay(s_creationWait, cancel);
        }
    }

    private async Task<(ConsumerGroupDescription? Found, Error Error)> DescribeGroupAsync(
        string group,
        CancellationToken cancel
    )
    {
        try
        {
            var answer = await _admin
                .DescribeConsumerGroupsAsync(
                    [group],
                    new DescribeConsumerGroupsOptions { RequestTimeout = s_timeout, IncludeAuthorizedOperations = true }
                )
                .WaitAsync(cancel);
            return (answer.ConsumerGroupDescriptions.Single(), new Error(ErrorCode.NoError));
        }
        catch (DescribeConsumerGroupsException fault)
        {
            return (null, fault.Results.ConsumerGroupDescriptions.Single().Error);
        }
        catch (KafkaException fault)
        {
            return (null, fault.Error);
        }
    }

    private Task<TopicMetadata> MetadataAsync(string topic, CancellationToken cancel) =>
        AskedAsync(() => _admin.GetMetadata(topic, s_timeout).Topics.Single(), cancel);

    // The call blocks, and takes no token: who stops waiting leaves it to end by itself.
    private async Task<T> AskedAsync<T>(Func<T> ask, CancellationToken cancel)
    {
        Interlocked.Increment(ref _uses);
        return await Blocking.RunAsync(() => Held(ask)).WaitAsync(cancel);
    }

    private T Held<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (KafkaException fault)
        {
            throw Explain(fault);
        }
        finally
        {
            Release();
        }
    }

    private async Task<string> UuidAsync(string topic, AclOperation need, CancellationToken cancel)
    {
        try
        {
            if (await TopicIds.AskAsync(_admin, topic, s_timeout, rights: true).WaitAsync(cancel) is not { } found)
            {
                return topic;
            }
            // Brokers without an authorizer tell of all rights, or of none.
            return found.AuthorizedOperations is not { Count: > 0 } rights || rights.Contains(need)
                ? found.TopicId.ToString()
                : throw new StreamRecException(
                    $"Kafka at {_settings.Bootstrap} does not let this user {need.ToString().ToLowerInvariant()} "
                        + $"topic '{topic}'. "
                        + "Grant the right: docs/security.md lists them all.",
                    FaultKind.Unreachable
                );
        }
        catch (KafkaException fault)
        {
            throw Explain(fault);
        }
    }

    // That nobody answered says less than why a connection failed.
    private StreamRecException Explain(KafkaException fault, string thing = "this") =>
        _settings.Refusal(fault.Error, thing) ?? _settings.Fault(_trouble ?? fault.Error, thing);

    // "All brokers are down" follows the reason, and says less.
    private void Note(Error error) =>
        _trouble = error.Code == ErrorCode.Local_AllBrokersDown ? _trouble ?? error : error;

    public void Dispose() => Release();

    private void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            _admin.Dispose();
        }
    }
}
