using System.Diagnostics;
using Confluent.Kafka;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Worker;
using StreamRec.FailPoints;
using StreamRec.Telemetry.Batches;

namespace StreamRec.Kafka.Consuming;

/// <summary>Consumes a topic as a member of its group and feeds each partition's worker.</summary>
/// <remarks>
/// One thread polls, in <see cref="Run"/>, and owns the consumer; the client's handlers run on it too. What others see
/// may be read from any thread.
/// </remarks>
internal sealed class ConsumerLoop
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_close = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_store = TimeSpan.FromMilliseconds(500);

    private readonly KafkaSettings _settings;
    private readonly LogControl _control;
    private readonly string _topic;
    private readonly IReadOnlyList<PartitionWorker> _workers;
    private readonly ConsumerHealth _health;
    private readonly ConsumerPauses _pauses;
    private readonly PositionFaults _faults;
    private readonly RecordContexts _contexts;
    private volatile IConsumer<byte[], byte[]> _consumer;
    private long _stored = Stopwatch.GetTimestamp();

    /// <param name="control">What the workers ask of the log.</param>
    /// <param name="workers">Of each partition; index = partition.</param>
    /// <param name="contexts">Is told of each record.</param>
    public ConsumerLoop(
        KafkaSettings settings,
        LogControl control,
        IReadOnlyList<PartitionWorker> workers,
        RecordContexts contexts,
        TimeProvider time
    )
    {
        (_settings, _control, _topic, _workers) = (settings, control, control.Topic.Name, workers);
        _contexts = contexts;
        _health = new ConsumerHealth(control.Group, workers.Count, time);
        _pauses = new ConsumerPauses(_topic, workers);
        _faults = new PositionFaults(control, _health, workers, time);
        foreach (var worker in workers)
        {
            worker.Drained += control.Wake;
        }
        Name = new NameWait(control.Group);
        _consumer = Open();
        Lags = new LagWatch(workers, _health, control.IsAssigned, FetchedEnd, control.Ends, time);
    }

    /// <summary>This worker's name in its group.</summary>
    public NameWait Name { get; }

    /// <summary>How far behind the assigned partitions are.</summary>
    public LagWatch Lags { get; }

    /// <summary>Whether the group is joined and the consumer polled, and what is in the way.</summary>
    public ConsumerHealth Health => _health;

    public bool IsAssigned(int partition) => _control.IsAssigned(partition);

    /// <summary>What keeps an assigned partition from being fetched; null where nothing does.</summary>
    public PartitionWait? WaitOf(int partition) => _control.IsAssigned(partition) ? _health.Of(partition) : null;

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
                _faults.ThrowIfFailed();
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

    private IConsumer<byte[], byte[]> Open() =>
        _settings.Open(() =>
            new ConsumerBuilder<byte[], byte[]>(GroupConsumer.Configure(_settings, _control.Group))
                .SetLogHandler(_settings.Log.Write)
                .SetErrorHandler((_, error) => _health.Note(error))
                .SetStatisticsHandler((_, statistics) => _health.Take(statistics))
                .SetPartitionsAssignedHandler(OnAssigned)
                .SetPartitionsRevokedHandler(OnRevoked)
                .SetPartitionsLostHandler(OnLost)
                .Build()
        );

    private void Poll(CancellationToken cancel)
    {
        try
        {
            _control.Sessions.Begin(_consumer, _control.Assigned, _pauses);
            _pauses.Set(_consumer, _control.Assigned);
            if (Stopwatch.GetElapsedTime(_stored) > s_store)
            {
                StoreDone();
                _health.Turn();
            }
            // While all have enough, records wait in the client; callbacks of the group come with the next poll.
            if (_pauses.HaveAllEnough(_control.Assigned))
            {
                _control.Rest(s_rest);
            }
            if (_consumer.Consume(s_poll) is { } result)
            {
                Deliver(result);
            }
        }
        catch (ConsumeException fault) when (!fault.Error.IsFatal)
        {
            if (_settings.Refusal(fault.Error, $"group '{_control.Group.Name}' on topic '{_topic}'") is { } refusal)
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

    // Close and Dispose can block for long where brokers are away: a thread of their own, and a deadline.
    private bool Leave()
    {
        _faults.Leave();
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

    // What the client commits now and then, and when the group is left.
    private void StoreDone()
    {
        foreach (var (partition, to) in _control.Done.Take())
        {
            try
            {
                _consumer.StoreOffset(
                    new TopicPartitionOffset(_topic, partition, to.Offset, to.Epoch < 0 ? null : to.Epoch)
                );
            }
            catch (KafkaException)
            {
                // Not assigned any more: the offset is for monitoring alone, and the next owner stores its own.
            }
        }
        _stored = Stopwatch.GetTimestamp();
    }

    private void Deliver(ConsumeResult<byte[], byte[]> result)
    {
        var partition = result.Partition.Value;
        var session = _control.Sessions.Of(partition);
        if (result.IsPartitionEOF)
        {
            _workers[partition].DeliverEnd(session, result.Offset.Value);
            return;
        }
        _contexts.Note(result);
        _workers[partition]
            .Deliver(
                session,
                new LogRecord(
                    result.Offset.Value,
                    result.LeaderEpoch ?? -1,
                    result.Message.Timestamp.UnixTimestampMs,
                    result.Message.Key,
                    result.Message.Value
                )
            );
    }

    internal void DeliverFault(ConsumeException fault)
    {
        var partition = fault.ConsumerRecord is { Topic.Length: > 0 } record ? record.Partition.Value : -1;
        if (partition < 0 || partition >= _workers.Count)
        {
            // Of the group, or of the topic: the client tries again.
            _health.Note(-1, fault.Error);
            return;
        }
        _control.Sessions.StartOver(partition);
        var session = _control.Sessions.Of(partition);
        if (session == 0)
        {
            // Before the first seek a partition has no committed offset: expected.
            return;
        }
        if (PositionFaults.AreThey(fault.Error))
        {
            _faults.Look(partition, session, fault.Error);
            return;
        }
        _health.Note(partition, fault.Error);
    }

    private void OnAssigned(IConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions)
    {
        FailPlan.Reach("assigned");
        Name.Taken();
        foreach (var partition in partitions)
        {
            _pauses.Forget(partition.Partition.Value);
            _control.Assign(partition.Partition.Value);
            _workers[partition.Partition.Value].Assign();
        }
        // Last: one that is a member and has no partition is taken for a standby.
        _health.Member(true);
    }

    private void OnRevoked(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        FailPlan.Reach("revoked");
        // All flush at once, and the rebalance waits for them: a bounded time.
        Task.WaitAll([.. partitions.Select(p => _workers[p.Partition.Value].RevokeAsync(s_flush))]);
        StoreDone();
        partitions.ForEach(partition => _control.Unassign(partition.Partition.Value));
    }

    internal void OnLost(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        FailPlan.Reach("lost");
        _health.Member(false);
        foreach (var partition in partitions)
        {
            _workers[partition.Partition.Value].Lose();
            _control.Done.Forget(partition.Partition.Value);
        }
        partitions.ForEach(partition => _control.Unassign(partition.Partition.Value));
    }
}
