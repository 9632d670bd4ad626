using Confluent.Kafka;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Hosting.Start;
using StreamRec.Kafka.Topics;
using StreamRec.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Hosting.Watches;

/// <summary>
/// Sees when all that was in a topic has been worked, by whatever worker of the group: each partition's <c>n</c> is at
/// least its end at the start. What this worker was assigned it has looked at first: an <c>n</c> that the log does not
/// hold is for it to halt on.
/// </summary>
/// <param name="looked">Whether the group has given the worker its share, and the log answered in each
/// partition.</param>
/// <param name="lists">On Redis Cluster, where a list follows its state, also waits until no user is dirty.</param>
/// <param name="retry">While Kafka does not answer at the start.</param>
internal sealed class EndWatch(
    LogProbe probe,
    TopicFacts topic,
    string group,
    IDatabase redis,
    string prefix,
    bool lists,
    Func<bool> looked,
    StartRetry retry,
    TimeProvider time
)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    /// <exception cref="StreamRecException">Kafka does not tell the ends.</exception>
    public async Task ReachedAsync(CancellationToken stop)
    {
        var keys = new StoreKeys(prefix);
        var ends = await retry.RunAsync(
            () =>
                probe.AskAsync(
                    asked =>
                        Enumerable
                            .Range(0, topic.Partitions)
                            .Select(p => asked.Bounds(new TopicPartition(topic.Name, p)).High)
                            .ToArray(),
                    stop
                ),
            stop
        );
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            var reached = looked();
            for (var p = 0; p < ends.Length && reached; p++)
            {
                var partition = new PartitionIdentity(topic.Name, p, topic.Uuid, topic.Partitions, group);
                try
                {
                    var meta = await redis.HashGetAsync(
                        keys.Meta(partition),
                        ["group", "topic_uuid", "partitions", "recovering", "next"]
                    );
                    // Any other meta is for the worker to halt on.
                    reached =
                        meta is [var holder, var uuid, var partitions, { IsNull: true }, var next]
                        && holder == group
                        && uuid == topic.Uuid
                        && partitions == topic.Partitions
                        && next.TryParse(out long reachedTo)
                        && reachedTo >= ends[p]
                        && (!lists || (await redis.HashRandomFieldAsync(keys.Dirty(partition))).IsNull);
                }
                catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
                {
                    reached = false;
                }
            }
            if (reached)
            {
                return;
            }
        } while (await timer.WaitForNextTickAsync(stop));
    }
}
