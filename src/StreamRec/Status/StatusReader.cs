using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Kafka.Topics;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Registry.Pointers;

namespace StreamRec.Status;

/// <summary>Reads how the work stands from Kafka and Redis alone: no worker is asked, and nothing is written.</summary>
internal sealed class StatusReader(WorkOptions options, IConnectionMultiplexer redis) : IDisposable
{
    private readonly TopicInspector _inspector = new(options.KafkaSettings());
    private readonly StoreKeys _keys = new(options.Prefix);

    public void Dispose() => _inspector.Dispose();

    /// <exception cref="StreamRecException">The topic is not there, or Kafka or Redis does not answer.</exception>
    public async Task<WorkStatus> ReadAsync(CancellationToken cancel)
    {
        var all = await _inspector.AllAsync(cancel);
        var topic =
            all.Topics.Find(known => known.Topic == options.Topic)
            ?? throw new StreamRecException(
                $"Topic '{Excerpt.Of(options.Topic)}' is not on {options.KafkaSettings()}. "
                    + "Create it, or check --topic and the user's right to describe it.",
                FaultKind.Unreachable
            );
        var group = await _inspector.GroupAsync(options.Group, cancel);
        // Before the log's ends, so that what is worked in between is no lag below 0.
        var metas = await RedisRefusal
            .AskedAsync(options.RedisSettings(), () => Task.WhenAll(topic.Partitions.Select(MetaAsync)))
            .WaitAsync(cancel);
        var model = await RedisRefusal.AskedAsync(options.RedisSettings(), ModelAsync).WaitAsync(cancel);
        var (live, staged) = await new ModelPointer(
            redis.GetDatabase(),
            new(options.Prefix),
            options.RedisSettings()
        ).ReadAsync(cancel);
        var ends = await _inspector.OffsetsAsync(options.Topic, topic.Partitions.Count, OffsetSpec.Latest(), cancel);
        var partitions = metas
            .Select(meta => meta with { End = ends[meta.Partition] })
            .OrderBy(partition => partition.Partition)
            .ToList();
        // A group of the consumer protocol may be one that the question for classic groups does not find.
        int? members = group is null or { State: ConsumerGroupState.Dead } ? 0 : group.Members.Count;
        return new()
        {
            Topic = options.Topic,
            Group = options.Group,
            Phase = WorkPhase.Of(
                partitions.Any(partition => partition.Note == Recovery),
                group?.State is ConsumerGroupState.PreparingRebalance or ConsumerGroupState.CompletingRebalance,
                members,
                partitions
            ),
            Members = members,
            Model = model,
            Promoted = live is null ? null : new(live.Promotion, live.Model, live.Digest),
            Staged = staged is null ? null : new(null, staged.Model, staged.Digest),
            DeadLetterTopic = options.DeadLetters,
            DeadLetters = await LettersAsync(all, cancel),
            Partitions = partitions,
        };
    }

    private const string Recovery = "a recovery was begun and has not ended";

    private async Task<PartitionStatus> MetaAsync(PartitionMetadata partition)
    {
        var identity = new PartitionIdentity(options.Topic, partition.PartitionId, "", 0, options.Group);
        var meta = await redis.GetDatabase().HashGetAsync(_keys.Meta(identity), ["group", "next", "recovering"]);
        var isOurs = meta[0] == options.Group;
        return new(
            partition.PartitionId,
            isOurs && meta[1].TryParse(out long next) ? next : null,
            0,
            !meta[2].IsNull ? Recovery
                : isOurs || meta[0].IsNull ? null
                : $"Redis holds the states of group '{Excerpt.Of((string)meta[0]!)}' under this prefix"
        );
    }

    /// <summary>Every worker writes the popular list at its start.</summary>
    private async Task<string?> ModelAsync()
    {
        try
        {
            return await redis.GetDatabase().StringGetAsync(_keys.Popular) is { IsNull: false } popular
                ? PublishedList.Parse((byte[])popular!).Model
                : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private async Task<long?> LettersAsync(Metadata all, CancellationToken cancel)
    {
        if (all.Topics.Find(known => known.Topic == options.DeadLetters) is not { } letters)
        {
            return null;
        }
        var starts = await _inspector.OffsetsAsync(
            letters.Topic,
            letters.Partitions.Count,
            OffsetSpec.Earliest(),
            cancel
        );
        var ends = await _inspector.OffsetsAsync(letters.Topic, letters.Partitions.Count, OffsetSpec.Latest(), cancel);
        return ends.Sum() - starts.Sum();
    }
}
