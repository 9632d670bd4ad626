using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Kafka.Topics;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Store;

namespace StreamRec.Hosting.Parts;

/// <summary>Redis, reached and seen to be fit for work: states, and on a Cluster the lists beside them.</summary>
internal sealed class RedisPart : IAsyncDisposable
{
    // Shorter than a step may take: users whose lists could not be published in time stay dirty, and the partition
    // goes on.
    private static readonly TimeSpan s_publishTimeout = TimeSpan.FromSeconds(2);

    private readonly ConnectionMultiplexer _states;
    private readonly ConnectionMultiplexer? _publishing;

    private RedisPart(
        ConnectionMultiplexer states,
        ConnectionMultiplexer? publishing,
        WorkOptions options,
        HashedText settings,
        TimeProvider time
    )
    {
        (_states, _publishing) = (states, publishing);
        Connections = publishing is null ? [states] : [states, publishing];
        Lists = publishing is null
            ? null
            : new ClusterLists(Database, publishing, options.Prefix, options.ListReplicas, s_publishTimeout);
        Pulse = new StorePulse(states, time);
        Store = new RedisStateStore(
            Database,
            options.Prefix,
            options.IdleExpiry + TimeSpan.FromDays(1),
            settings,
            Lists,
            options.Partitioner
        );
    }

    public IReadOnlyList<IConnectionMultiplexer> Connections { get; }

    public IDatabase Database => _states.GetDatabase();

    public RedisStateStore Store { get; }

    public StorePulse Pulse { get; }

    /// <summary>Null where the step writes the lists too.</summary>
    public ClusterLists? Lists { get; }

    /// <param name="settings">What shapes a state, whose text is written here.</param>
    /// <param name="lists">What shapes a list, likewise.</param>
    /// <param name="popular">The lists for users without one, written here.</param>
    /// <exception cref="StreamRecException">Redis does not answer in time, or refuses.</exception>
    public static async Task<RedisPart> OpenAsync(
        WorkOptions options,
        TopicFacts topic,
        HashedText settings,
        HashedText lists,
        PopularLists popular,
        StartRetry start,
        TimeProvider time,
        ILogger log,
        CancellationToken stop
    )
    {
        var states = await start.RunAsync(
            () =>
                StoreStart.OpenAsync(
                    options,
                    topic,
                    settings,
                    lists,
                    popular,
                    doubt => DoubtLog.Tell(log, doubt),
                    stop
                ),
            stop
        );
        try
        {
            var publishing = RedisConnection.IsCluster(states)
                ? await start.RunAsync(
                    () => RedisConnection.ConnectAsync(options.RedisSettings(), failFast: true, stop),
                    stop
                )
                : null;
            return new RedisPart(states, publishing, options, settings, time);
        }
        catch
        {
            await states.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls back when an answer may come from another server than before.</summary>
    public void OnAnew(Action anew)
    {
        foreach (var connection in Connections)
        {
            RedisConnection.OnAnew(connection, anew);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_publishing is not null)
        {
            await _publishing.DisposeAsync();
        }
        await _states.DisposeAsync();
    }
}
