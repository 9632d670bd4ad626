using Confluent.Kafka;
using StreamRec.Delivery.Worker;

namespace StreamRec.Kafka.Consuming;

/// <summary>What goes wrong with polling, and what of it a partition must know.</summary>
internal sealed partial class ConsumerLoop
{
    private readonly ConsumerHealth _health;

    /// <summary>Whether the group is joined and the consumer polled, and what is in the way.</summary>
    public ConsumerHealth Health => _health;

    /// <summary>What keeps an assigned partition from being fetched; null where nothing does.</summary>
    public PartitionWait? WaitOf(int partition) => _assigned.ContainsKey(partition) ? _health.Of(partition) : null;

    internal void DeliverFault(ConsumeException fault)
    {
        var partition = fault.ConsumerRecord is { Topic.Length: > 0 } record ? record.Partition.Value : -1;
        if (partition < 0 || partition >= _sessions.Length)
        {
            // Of the group, or of the topic: the client tries again.
            _health.Note(-1, fault.Error);
            return;
        }
        if (_sessions[partition] == 0)
        {
            // Before the first seek a partition has no committed offset: expected.
            return;
        }
        if (
            fault.Error.Code
            is ErrorCode.OffsetOutOfRange
                or ErrorCode.Local_AutoOffsetReset
                or ErrorCode.Local_LogTruncation
        )
        {
            _ = TellAsync(partition, _sessions[partition], fault.Error.Code == ErrorCode.Local_LogTruncation);
            return;
        }
        _health.Note(partition, fault.Error);
    }

    // Beside the polling thread, until the broker answers or the session is over. A topic that is gone or was made anew
    // also looks like a log that was cut: that one the topic's watch tells of.
    private async Task TellAsync(int partition, int session, bool fork)
    {
        _health.Ask(
            partition,
            "the log does not hold the position, and the broker has not told yet where it begins and ends"
        );
        while (
            Volatile.Read(ref _sessions[partition]) == session
            && !_left
            && !await TryTellAsync(partition, session, fork)
        )
        {
            await Task.Delay(s_again);
        }
        _health.Ask(partition, null);
    }

    private async Task<bool> TryTellAsync(int partition, int session, bool fork)
    {
        try
        {
            if (await _inspector.LookAsync(_topic, _facts.Uuid != _topic) != _facts)
            {
                return false;
            }
            if (fork)
            {
                _workers[partition].DeliverFork(session);
                return true;
            }
            var (low, high) = await _probe.AskAsync(
                probe => probe.Bounds(new TopicPartition(_topic, partition)),
                CancellationToken.None
            );
            _workers[partition].DeliverOutOfRange(session, low, high);
            return true;
        }
        catch (StreamRecException)
        {
            // The broker does not answer; the partition waits.
            return false;
        }
    }
}
