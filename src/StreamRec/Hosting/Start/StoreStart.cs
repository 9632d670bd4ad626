using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Kafka.Topics;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Store;

namespace StreamRec.Hosting.Start;

/// <summary>
/// Sees, before any work, that Redis can be worked with: it is reached, it keeps what it is given, the user may do all
/// that a worker does, and it takes a write.
/// </summary>
internal static class StoreStart
{
    /// <summary>
    /// One attempt. Whatever fails closes the connection, since the next one may reach another server.
    /// </summary>
    /// <param name="popular">The list for users without one, written here.</param>
    /// <param name="segments">The same by segments of the users.</param>
    /// <param name="doubt">Told what is doubtful, once all else is well.</param>
    /// <exception cref="StreamRecException">Redis does not answer, or refuses; the message says what.</exception>
    public static async Task<ConnectionMultiplexer> OpenAsync(
        WorkOptions options,
        TopicFacts topic,
        ReadOnlyMemory<byte> popular,
        IReadOnlyList<SegmentList> segments,
        Action<string> doubt,
        CancellationToken cancel
    )
    {
        var settings = options.RedisSettings();
        var redis = await RedisConnection.ConnectAsync(settings, cancel: cancel);
        try
        {
            var doubtful = await RedisRefusal
                .AskedAsync(settings, () => CheckAsync(redis, options, topic, popular, segments))
                .WaitAsync(cancel);
            if (doubtful is not null)
            {
                doubt(doubtful);
            }
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    private static async Task<string?> CheckAsync(
        ConnectionMultiplexer redis,
        WorkOptions options,
        TopicFacts topic,
        ReadOnlyMemory<byte> popular,
        IReadOnlyList<SegmentList> segments
    )
    {
        var (settings, keys) = (options.RedisSettings(), new StoreKeys(options.Prefix));
        if (
            !RedisConnection.IsCluster(redis)
            && !redis.GetServers().Any(server => server.IsConnected && !server.IsReplica)
        )
        {
            // A replica may be made a master yet.
            throw new StreamRecException($"{settings} {RedisRefusal.Replica}.", FaultKind.Unreachable)
            {
                Transient = true,
            };
        }
        var doubtful = await EvictionCheck.CheckAsync(redis, settings);
        await StoreRights.CheckAsync(
            redis,
            keys,
            new PartitionIdentity(topic.Name, 0, topic.Uuid, topic.Partitions, options.Group)
        );
        await redis.GetDatabase().StringSetAsync(keys.Popular, popular);
        await SegmentKeys.WriteAsync(redis.GetDatabase(), keys, segments);
        return doubtful;
    }
}
