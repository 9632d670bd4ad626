using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Delivery.Protocol;
using StreamRec.Kafka.Topics;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Store;
using StreamRec.Registry;

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
    /// <param name="settings">What shapes a state, whose text is written here.</param>
    /// <param name="lists">What shapes a list, likewise.</param>
    /// <param name="popular">The lists for users without one, written here.</param>
    /// <param name="doubt">Told what is doubtful, once all else is well.</param>
    /// <exception cref="StreamRecException">Redis does not answer, or refuses; the message says what.</exception>
    public static async Task<ConnectionMultiplexer> OpenAsync(
        WorkOptions options,
        TopicFacts topic,
        HashedText settings,
        HashedText lists,
        PopularLists popular,
        Action<string> doubt,
        CancellationToken cancel
    )
    {
        var server = options.RedisSettings();
        var redis = await RedisConnection.ConnectAsync(server, cancel: cancel);
        try
        {
            var doubtful = await RedisRefusal
                .AskedAsync(server, () => CheckAsync(redis, options, topic, settings, lists, popular))
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
        HashedText settings,
        HashedText lists,
        PopularLists popular
    )
    {
        var (server, keys) = (options.RedisSettings(), new StoreKeys(options.Prefix));
        if (!RedisConnection.IsCluster(redis) && !redis.GetServers().Any(node => node.IsConnected && !node.IsReplica))
        {
            // A replica may be made a master yet.
            throw new StreamRecException($"{server} {RedisRefusal.Replica}.", FaultKind.Unreachable)
            {
                Transient = true,
            };
        }
        var doubtful = await EvictionCheck.CheckAsync(redis, server);
        await StoreRights.CheckAsync(
            redis,
            keys,
            new PartitionIdentity(topic.Name, 0, topic.Uuid, topic.Partitions, options.Group),
            options.Registry.Length > 0 ? new ModelKeys(options.Prefix).WorkersRights() : null
        );
        // Whoever is refused under other settings is told what these were.
        await redis.GetDatabase().StringSetAsync(keys.Settings(settings.Hash), settings.Text);
        // Whoever finds the hash in a list finds here what it stands for.
        await redis.GetDatabase().StringSetAsync(keys.Options(lists.Hash), lists.Text);
        await new SharedKeys(redis.GetDatabase(), keys).WriteAsync(popular);
        return doubtful;
    }
}
