using StackExchange.Redis;

namespace StreamRec.Redis.Connection;

/// <summary>Connects to Redis.</summary>
internal static class RedisConnection
{
    private const int ConnectTimeoutMs = 5_000;
    private const int KeepAliveSeconds = 2;

    /// <summary>Whether what was reached is a Redis Cluster.</summary>
    public static bool IsCluster(IConnectionMultiplexer redis) =>
        redis.GetServers().Any(server => server.ServerType == ServerType.Cluster);

    /// <summary>
    /// The servers that hold all keys between them. A Cluster is asked: what the client knows of the roles can be older
    /// than a failover, and a master that was left out would keep its keys unseen.
    /// </summary>
    /// <exception cref="StreamRecException">One of them is not reached.</exception>
    public static async Task<IReadOnlyList<IServer>> MastersAsync(IConnectionMultiplexer redis)
    {
        var reached = redis.GetServers().Where(server => server.IsConnected).ToList();
        if (!IsCluster(redis))
        {
            var masters = reached.FindAll(server => !server.IsReplica);
            return masters.Count > 0 ? masters : throw Unreached("A master of Redis");
        }
        var asked =
            reached.Find(server => server.ServerType == ServerType.Cluster)
            ?? throw Unreached("A node of Redis Cluster");
        var map = await asked.ClusterNodesAsync() ?? throw Unreached($"The map of Redis Cluster at {asked.EndPoint}");
        return
        [
            .. map
                .Nodes.Where(node => !node.IsReplica && node.Slots.Count > 0)
                .Select(node =>
                    reached.Find(server => Equals(server.EndPoint, node.EndPoint))
                    ?? throw Unreached($"Redis Cluster's node {node.EndPoint}, which holds slots,")
                ),
        ];
    }

    /// <summary>
    /// Calls back when an answer may come from another server than before: a connection was made anew, or a replica, to
    /// which a connection stood already, took over.
    /// </summary>
    public static void OnAnew(IConnectionMultiplexer redis, Action anew)
    {
        redis.ConnectionRestored += (_, _) => anew();
        redis.ConfigurationChanged += (_, _) => anew();
        redis.HashSlotMoved += (_, _) => anew();
    }

    /// <param name="failFast">Refuse calls while a server is away, instead of keeping them until it is back.</param>
    /// <exception cref="StreamRecException">Nobody answers, or refuses; the message holds no secret.</exception>
    public static async Task<ConnectionMultiplexer> ConnectAsync(
        RedisSettings settings,
        bool failFast = false,
        CancellationToken cancel = default
    )
    {
        var options = settings.Options();
        options.AbortOnConnectFail = true;
        options.ConnectTimeout = ConnectTimeoutMs;
        // The client's own guard, which keeps INFO too; what this user may do is Redis's to say.
        options.AllowAdmin = true;
        options.BacklogPolicy = failFast ? BacklogPolicy.FailFast : BacklogPolicy.Default;
        // A link that is open at one end only is noticed after a few of these, not after the client's default of
        // minutes.
        options.KeepAlive = KeepAliveSeconds;
        ConnectionMultiplexer? redis = null;
        try
        {
            redis = await OpenAsync(options, cancel);
            if (!redis.GetServers().Any(server => server.IsConnected))
            {
                // On a Cluster the client goes on all the same.
                throw new StreamRecException($"{settings} {RedisRefusal.Unusable}", FaultKind.Unreachable)
                {
                    Transient = true,
                };
            }
            await CheckUserAsync(redis, settings).WaitAsync(cancel);
            return redis;
        }
        catch (Exception fault)
        {
            if (redis is not null)
            {
                await redis.DisposeAsync();
            }
            if (!RedisRefusal.IsOfRedis(fault))
            {
                throw;
            }
            var told = RedisRefusal.Of(fault, settings);
            throw told.Message.EndsWith(RedisRefusal.Unusable, StringComparison.Ordinal)
            && await RedisProbe.WhyAsync(options.EndPoints[0], options.Ssl, cancel) is { } why
                ? new StreamRecException($"{settings} {why}", FaultKind.Unreachable) { Transient = told.Transient }
                : told;
        }
    }

    // The client takes no token, and can ask for a quarter of a minute: who stops waiting leaves it to end by itself.
    private static async Task<ConnectionMultiplexer> OpenAsync(ConfigurationOptions options, CancellationToken cancel)
    {
        var opening = ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            return await opening.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            _ = opening.ContinueWith(
                late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
            throw;
        }
    }

    /// <summary>
    /// Asks every server whom it takes this for: where the default user is open, the client goes on as that one when
    /// Redis refuses the user that was given.
    /// </summary>
    /// <exception cref="StreamRecException">It is another user than that of the settings.</exception>
    public static async Task CheckUserAsync(IConnectionMultiplexer redis, RedisSettings settings)
    {
        if (settings.Options().User is not { Length: > 0 } user)
        {
            return;
        }
        foreach (var server in redis.GetServers().Where(server => server.IsConnected))
        {
            string? who;
            try
            {
                who = (string?)await server.ExecuteAsync("ACL", "WHOAMI");
            }
            catch (RedisServerException)
            {
                // An open default user may ask, so this is another one; or Redis is older than users.
                continue;
            }
            if (who != user)
            {
                throw new StreamRecException(
                    $"{settings} refuses user '{user}' and would let this go on as '{who}'. "
                        + "Check RedisUser and RedisPassword; "
                        + "give the default user a password, or switch it off.",
                    FaultKind.Unreachable
                );
            }
        }
    }

    private static StreamRecException Unreached(string what) =>
        new($"{what} is not reached: see that it runs, or is replaced, and run this again.", FaultKind.Unreachable)
        {
            Transient = true,
        };
}
