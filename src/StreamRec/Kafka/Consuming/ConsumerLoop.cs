using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.FailPoints;
using StreamRec.Kafka.Topics;

namespace StreamRec.Kafka.Consuming;

/// <summary>Consumes a topic as a member of its group and feeds each partition's worker.</summary>
/// <remarks>
/// One thread polls, and owns the consumer, <see cref="_paused"/>, <see cref="_stored"/> and the sessions; the members
/// of
/// <see cref="ILogControl"/> may be called from any thread and only leave a message for it, or ask beside it.
/// </remarks>
internal sealed partial class ConsumerLoop : ILogControl
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_close = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_store = TimeSpan.FromMilliseconds(500);

    private readonly string _topic;
    private readonly TopicFacts _facts;
    private volatile bool _left;
    private readonly KafkaSettings _settings;
    private volatile IConsumer<byte[], byte[]> _consumer;
    private readonly TopicInspector _inspector;
    private readonly LogProbe _probe;
    private readonly StartPosition _from;
    private readonly GroupSettings _group;
    private readonly IReadOnlyList<PartitionWorker> _workers;
    private readonly ConcurrentDictionary<int, bool> _assigned = new();

    // The newest of each partition: one that came first and could not be done must not be done after the one that
    // replaced it.
    private readonly ConcurrentDictionary<int, (TopicPartitionOffset Start, int Session)> _seeks = new();
    private readonly int[] _sessions;
    private readonly bool[] _paused;
    private long _stored = Stopwatch.GetTimestamp();
    private readonly DoneOffsets _done;
    private readonly AutoResetEvent _wanted = new(false);

    /// <param name="workers">Makes the worker of each partition, given the log that it works on; index =
    /// partition.</param>
    public ConsumerLoop(
        KafkaSettings settings,
        TopicFacts topic,
        GroupSettings group,
        StartPosition from,
        TopicInspector inspector,
        TimeProvider time,
        Func<ILogControl, IReadOnlyList<PartitionWorker>> workers
    )
    {
        (_topic, _facts, _group, _from, _inspector) = (topic.Name, topic, group, from, inspector);
        _settings = settings;
        _probe = new LogProbe(settings, group.Name);
        _health = new ConsumerHealth(group, topic.Partitions, time);
        _workers = workers(this);
        foreach (var worker in _workers)
        {
            worker.Drained += () => _wanted.Set();
        }
        _sessions = new int[topic.Partitions];
        _done = new DoneOffsets(topic.Partitions);
        _paused = new bool[topic.Partitions];
        Name = new NameWait(group);
        _consumer = Open();
        Lags = new LagWatch(
            _workers,
            _health,
            _assigned.ContainsKey,
            FetchedEnd,
            unfetched => _probe.Ends(_topic, unfetched),
            time
        );
    }

    /// <summary>This worker's name in its group.</summary>
    public NameWait Name { get; }

    private IConsumer<byte[], byte[]> Open() =>
        _settings.Open(() =>
            new ConsumerBuilder<byte[], byte[]>(GroupConsumer.Configure(_settings, _group))
                .SetLogHandler(_settings.Log.Write)
                .SetErrorHandler((_, error) => _health.Note(error))
                .SetStatisticsHandler((_, statistics) => _health.Take(statistics))
                .SetPartitionsAssignedHandler(OnAssigned)
                .SetPartitionsRevokedHandler(OnRevoked)
                .SetPartitionsLostHandler(OnLost)
                .Build()
        );

    /// <summary>How far behind the assigned partitions are.</summary>
    public LagWatch Lags { get; }

    /// <summary>
    /// Polls until cancelled, then leaves the group; each partition's batch in flight may finish first.
    /// </summary>
    /// <exception cref="StreamRecException">Kafka refuses the topic or the group, or another worker has this one's
    /// name.</exception>
    /// <returns>Whether the group was left in good order; else it notices by the session's time-out.</returns>
    public bool Run(CancellationToken cancel)
    {
        try
        {
            _consumer.Subscribe(_topic);
            while (!cancel.IsCancellationRequested)
            {
                Poll(cancel);
            }
        }
        catch
        {
            Leave();
            throw;
        }
        return Leave();
    }

    // Negative where nothing was fetched yet.
    private long FetchedEnd(int partition)
    {
        try
        {
            return _consumer.GetWatermarkOffsets(new TopicPartition(_topic, partition)).High.Value;
        }
        catch (Exception fault) when (fault is KafkaException or ObjectDisposedException)
        {
            return -1;
        }
    }

    private void Poll(CancellationToken cancel)
    {
        try
        {
            SeekAsAsked();
            PauseOrResume();
            if (Stopwatch.GetElapsedTime(_stored) > s_store)
            {
                StoreDone();
                _health.Turn();
            }
            Rest();
            if (_consumer.Consume(s_poll) is { } result)
            {
                Deliver(result);
            }
        }
        catch (ConsumeException fault) when (!fault.Error.IsFatal)
        {
            if (_settings.Refusal(fault.Error, $"group '{_group.Name}' on topic '{_topic}'") is { } refusal)
            {
                throw refusal;
            }
            DeliverFault(fault);
        }
        catch (KafkaException fault) when (fault.Error.IsFatal)
        {
            Name.Await(fault.Error, cancel);
            _consumer.Dispose();
            _consumer = Open();
            _consumer.Subscribe(_topic);
        }
        catch (KafkaException fault)
            when (fault.Error.Code is ErrorCode.Local_State or ErrorCode.Local_UnknownPartition)
        {
            // The client gave the partition up a moment ago, and says so in its next event.
        }
    }

    // While all have enough, records wait in the client; callbacks of the group come with the next poll.
    private void Rest()
    {
        var enough = false;
        foreach (var (partition, _) in _assigned)
        {
            if (_workers[partition].WantsRecords)
            {
                return;
            }
            enough |= !_paused[partition];
        }
        if (enough)
        {
            _wanted.WaitOne(s_rest);
        }
    }

    // Close and Dispose can block for long where brokers are away: a thread of their own, and a deadline.
    private bool Leave()
    {
        _left = true;
        var closed = false;
        var closing = new Thread(() =>
        {
            try
            {
                _consumer.Close();
                _consumer.Dispose();
                closed = true;
            }
            catch (KafkaException)
            {
                // The group learns of it by the session's time-out.
            }
        })
        {
            IsBackground = true,
            Name = "consumer-close",
        };
        closing.Start();
        closing.Join(s_flush + s_close);
        return closed;
    }

    public void Seek(PartitionIdentity partition, LogPosition start, int session)
    {
        _seeks[partition.Partition] = (
            new TopicPartitionOffset(_topic, partition.Partition, start.Offset, Epoch(start.Epoch)),
            session
        );
        _wanted.Set();
    }

    public void StoreOffset(PartitionIdentity partition, LogPosition to) => _done.Note(partition.Partition, to);

    public bool IsAssigned(PartitionIdentity partition) => _assigned.ContainsKey(partition.Partition);

    public Task<GapAnswer> CheckGapAsync(
        PartitionIdentity partition,
        LogPosition from,
        long to,
        CancellationToken cancel
    ) =>
        _probe.AskAsync(probe => probe.Check(new TopicPartition(_topic, partition.Partition), from.Offset, to), cancel);

    public async Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel)
    {
        var place = new TopicPartition(_topic, partition.Partition);
        return await _inspector.CommittedAsync(_group.Name, place) is null
            ? new LogPosition(await _probe.AskAsync(probe => probe.Start(place, _from), cancel), -1)
            : null;
    }

    private static int? Epoch(int epoch) => epoch < 0 ? null : epoch;

    // What the client commits now and then, and when the group is left.
    private void StoreDone()
    {
        foreach (var (partition, to) in _done.Take())
        {
            try
            {
                _consumer.StoreOffset(new TopicPartitionOffset(_topic, partition, to.Offset, Epoch(to.Epoch)));
            }
            catch (KafkaException)
            {
                // Not assigned any more: the offset is for monitoring alone, and the next owner stores its own.
            }
        }
        _stored = Stopwatch.GetTimestamp();
    }

    private void SeekAsAsked()
    {
        foreach (var seek in _seeks)
        {
            var (partition, (start, session)) = seek;
            if (_assigned.ContainsKey(partition))
            {
                if (!TryAssign(start))
                {
                    // Amid a rebalance the client takes no assignment: again after the next poll.
                    return;
                }
                _sessions[partition] = session;
                _paused[partition] = false;
            }
            _seeks.TryRemove(seek);
        }
    }

    // Not Seek, which can lose the race with the fetch from the committed offset.
    private bool TryAssign(TopicPartitionOffset start)
    {
        try
        {
            _consumer.IncrementalUnassign([start.TopicPartition]);
        }
        catch (KafkaException)
        {
            // An attempt before got as far as this.
        }
        try
        {
            _consumer.IncrementalAssign([start]);
            // A pause outlives an assignment.
            _consumer.Resume([start.TopicPartition]);
            return true;
        }
        catch (KafkaException fault) when (!fault.Error.IsFatal)
        {
            return false;
        }
    }

    private void PauseOrResume()
    {
        foreach (var (partition, _) in _assigned)
        {
            // Before the first seek nothing is wanted, and nothing that comes is of the right session.
            var pause = _paused[partition] ? !_workers[partition].WantsRecords : !_workers[partition].TakesRecords;
            if (pause == _paused[partition])
            {
                continue;
            }
            TopicPartition[] place = [new(_topic, partition)];
            if (pause)
            {
                _consumer.Pause(place);
            }
            else
            {
                _consumer.Resume(place);
            }
            _paused[partition] = pause;
        }
    }

    private void Deliver(ConsumeResult<byte[], byte[]> result)
    {
        var partition = result.Partition.Value;
        if (result.IsPartitionEOF)
        {
            _workers[partition].DeliverEnd(_sessions[partition], result.Offset.Value);
            return;
        }
        _workers[partition]
            .Deliver(
                _sessions[partition],
                new LogRecord(
                    result.Offset.Value,
                    result.LeaderEpoch ?? -1,
                    result.Message.Timestamp.UnixTimestampMs,
                    result.Message.Key,
                    result.Message.Value
                )
            );
    }

    private void OnAssigned(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        FailPlan.Reach("assigned");
        Name.Taken();
        _health.Member(true);
        foreach (var partition in partitions)
        {
            _sessions[partition.Partition.Value] = 0;
            _paused[partition.Partition.Value] = false;
            _assigned[partition.Partition.Value] = true;
            _workers[partition.Partition.Value].Assign();
        }
    }

    private void OnRevoked(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        FailPlan.Reach("revoked");
        // All flush at once, and the rebalance waits for them: a bounded time.
        Task.WaitAll([.. partitions.Select(p => _workers[p.Partition.Value].RevokeAsync(s_flush))]);
        StoreDone();
        Forget(partitions);
    }

    internal void OnLost(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        FailPlan.Reach("lost");
        _health.Member(false);
        foreach (var partition in partitions)
        {
            _workers[partition.Partition.Value].Lose();
            _done.Forget(partition.Partition.Value);
        }
        Forget(partitions);
    }

    private void Forget(List<TopicPartitionOffset> partitions)
    {
        foreach (var partition in partitions)
        {
            _assigned.TryRemove(partition.Partition.Value, out _);
        }
    }
}
