using Microsoft.Extensions.Logging;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Hosting.Halts;
using StreamRec.Kafka.Topics;

namespace StreamRec.Hosting.Watches;

/// <summary>
/// Sees that a topic was made anew, or has other partitions, while it is worked: the client alone would go on.
/// </summary>
internal sealed partial class TopicWatch(
    TopicInspector inspector,
    TopicFacts topic,
    string group,
    TimeSpan interval,
    HaltSignal halts,
    TimeProvider time,
    ILogger log
)
{
    /// <summary>Looks now and then until cancelled; what has changed is told as a halt.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            if (await inspector.LookAsync(topic.Name, topic.Uuid != topic.Name) is not { } now)
            {
                LogUnseen(log, topic.Name);
            }
            else if (now != topic)
            {
                Report(now);
            }
        }
    }

    /// <summary>The topic was seen as it is now, and that is another one. From any thread.</summary>
    public void Report(TopicFacts now)
    {
        var mismatch =
            now.Partitions != topic.Partitions && now.Uuid == topic.Uuid
                ? new ClaimAnswer.Mismatch(MetaField.Partitions, $"{topic.Partitions}", $"{now.Partitions}")
                : new ClaimAnswer.Mismatch(MetaField.TopicId, topic.Uuid, now.Uuid);
        var partition = new PartitionIdentity(topic.Name, 0, topic.Uuid, topic.Partitions, group);
        var halt = new PartitionHalt(partition, mismatch.Reason, default, mismatch);
        halts.Tell(
            new WorkHalt(
                halt.Reason,
                new StreamRecException(
                    $"Work on topic '{topic.Name}' was halted ({halt.Reason}): {HaltText.Of(halt)}",
                    FaultKind.Halted
                )
            )
        );
    }

    [LoggerMessage(
        11,
        LogLevel.Warning,
        "Topic {Topic} cannot be seen: it was deleted, or Kafka does not answer. Looking again."
    )]
    private static partial void LogUnseen(ILogger log, string topic);
}
