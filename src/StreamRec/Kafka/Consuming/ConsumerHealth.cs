using System.Globalization;
using Confluent.Kafka;
using StreamRec.Delivery.Worker;

namespace StreamRec.Kafka.Consuming;

/// <summary>
/// What keeps the consumer from joining its group and from fetching, by its own statistics and by the faults that it
/// tells. Thread-safe, and no method throws: an exception in a handler of the client destroys the record just polled.
/// </summary>
/// <param name="partitions">Of the topic.</param>
internal sealed class ConsumerHealth(GroupSettings group, int partitions, TimeProvider time)
{
    /// <summary>The client tells a fault again and again while it lasts.</summary>
    private static readonly TimeSpan s_repeated = TimeSpan.FromSeconds(20);

    /// <summary>A rebalance waits for every member.</summary>
    private static readonly TimeSpan s_joining = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Trouble?[] _unreachable = new Trouble?[partitions];
    private readonly Trouble?[] _faults = new Trouble?[partitions];
    private readonly Trouble?[] _questions = new Trouble?[partitions];
    private Trouble? _refused,
        _coordinator,
        _rebalance;
    private string? _lastError;
    private bool _member,
        _up;
    private long _polled = time.GetTimestamp();

    /// <summary>Whether the worker is a member of its group, also one without partitions, and Kafka answers.</summary>
    public bool Joined
    {
        get
        {
            lock (_lock)
            {
                return _member && Group is null;
            }
        }
    }

    /// <summary>When the polling thread last made a turn.</summary>
    public long Polled => Volatile.Read(ref _polled);

    /// <summary>What keeps the worker out of its group; null where nothing does.</summary>
    public PartitionWait? Group
    {
        get
        {
            lock (_lock)
            {
                return Repeated(_refused)
                    ?? Waits(_coordinator)
                    ?? (Waits(_rebalance) is { } wait && wait.For > s_joining ? wait : null);
            }
        }
    }

    /// <summary>What keeps an assigned partition from being fetched; null where nothing does.</summary>
    public PartitionWait? Of(int partition)
    {
        lock (_lock)
        {
            return Waits(_questions[partition]) ?? Repeated(_faults[partition]) ?? Waits(_unreachable[partition]);
        }
    }

    /// <summary>
    /// Whether the partition's broker is known not to answer, so that what it told before may be old.
    /// </summary>
    public bool IsUnreachable(int partition)
    {
        lock (_lock)
        {
            return _unreachable[partition] is not null;
        }
    }

    /// <summary>The polling thread makes turns: to be told now and then.</summary>
    public void Turn() => Volatile.Write(ref _polled, time.GetTimestamp());

    /// <summary>The group gave the worker its partitions, or took it for gone.</summary>
    public void Member(bool isOne)
    {
        lock (_lock)
        {
            _member = isOne;
        }
    }

    /// <summary>For the client's statistics handler.</summary>
    public void Take(string statistics)
    {
        var now = ConsumerStatistics.Read(statistics, partitions);
        if (now is null)
        {
            return;
        }
        lock (_lock)
        {
            for (var p = 0; p < partitions; p++)
            {
                Set(
                    ref _unreachable[p],
                    WaitReason.KafkaUnreachable,
                    now.Unreachable[p] is { } what ? WithLast(what) : null
                );
            }
            Set(
                ref _coordinator,
                WaitReason.KafkaUnreachable,
                now.GroupState is null or "up"
                    ? null
                    : WithLast($"the coordinator of group '{group.Name}' does not answer ({now.GroupState})")
            );
            // Under the newer protocol the client does not tell in which state it is.
            Set(
                ref _rebalance,
                WaitReason.Rebalancing,
                group.Consumer || now.JoinState is null or "steady"
                    ? null
                    : $"group '{group.Name}' waits for its members ({now.JoinState})"
            );
            _refused = now.JoinState == "steady" ? null : _refused;
            // One that gets no partition is not told so by a callback. Under the newer protocol its state stays "init":
            // there it is one where the coordinator stays connected and refuses nothing.
            var (wasUp, isUp) = (_up, now.GroupState == "up");
            _member |= isUp && (now.JoinState == "steady" || (group.Consumer && wasUp && Repeated(_refused) is null));
            _up = isUp;
        }
    }

    /// <summary>For the client's error handler: informational, and the reason of what the statistics show.</summary>
    public void Note(Error error)
    {
        lock (_lock)
        {
            // "All brokers are down" follows the reason, and says less.
            _lastError = error.Code == ErrorCode.Local_AllBrokersDown ? _lastError ?? error.Reason : error.Reason;
        }
    }

    /// <summary>A fault that polling told, after which the client tries again.</summary>
    /// <param name="partition">-1 where it is of the group, or of the topic.</param>
    public void Note(int partition, Error error)
    {
        lock (_lock)
        {
            if (partition >= 0 && partition < partitions)
            {
                Repeat(ref _faults[partition], $"{error.Reason} ({error.Code})");
            }
            else if (partition < 0)
            {
                Repeat(ref _refused, GroupConsumer.Refusal(error, group));
            }
        }
    }

    /// <summary>A question about a partition to the broker; null once it is answered.</summary>
    public void Ask(int partition, string? what)
    {
        lock (_lock)
        {
            Set(ref _questions[partition], WaitReason.KafkaUnanswered, what);
        }
    }

    private string WithLast(string what) =>
        _lastError is null
            ? what
            : string.Create(CultureInfo.InvariantCulture, $"{what}; the client's last error: {_lastError}");

    private void Set(ref Trouble? trouble, WaitReason reason, string? what) =>
        trouble = what is null ? null : new(reason, what, trouble?.Since ?? time.GetTimestamp(), time.GetTimestamp());

    private void Repeat(ref Trouble? trouble, string what) =>
        trouble = new(
            WaitReason.KafkaRefuses,
            what,
            Repeated(trouble) is null ? time.GetTimestamp() : trouble!.Since,
            time.GetTimestamp()
        );

    private PartitionWait? Waits(Trouble? trouble) =>
        trouble is null ? null : new(trouble.Reason, trouble.What, time.GetElapsedTime(trouble.Since));

    private PartitionWait? Repeated(Trouble? trouble) =>
        trouble is not null && time.GetElapsedTime(trouble.Last) < s_repeated ? Waits(trouble) : null;

    private sealed record Trouble(WaitReason Reason, string What, long Since, long Last);
}
