using StackExchange.Redis;

namespace StreamRec.Redis;

/// <summary>Connects to Redis.</summary>
internal static class RedisConnection
{
    private const int ConnectTimeoutMs = 5_000;
    private const int KeepAliveSeconds = 2;

    /// <summary>Whether what was reached is a Redis Cluster.</summary>
    public static bool IsCluster(IConnectionMultiplexer redis) =>
        redis.GetServers().Any(server => server.ServerType == ServerType.Cluster);

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
    public static async Task<ConnectionMultiplexer> ConnectAsync(RedisSettings settings, bool failFast = false)
    {
        var options = settings.Options();
        options.AbortOnConnectFail = true;
        options.ConnectTimeout = ConnectTimeoutMs;
        // The client's own guard, which keeps INFO too; what this user may do is Redis's to say.
        options.AllowAdmin = true;
        options.BacklogPolicy = failFast ? BacklogPolicy.FailFast : BacklogPolicy.Default;
        // A link that is open at one end only is noticed after a few of these, not after the client's default of minutes.
        options.KeepAlive = KeepAliveSeconds;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options);
        }
        catch (RedisException fault)
        {
            throw new StreamRecException($"{settings} {RedisRefusal.Explain(fault)}", ExitCode.Unreachable)
            {
                Transient = RedisRefusal.IsTransient(fault),
            };
        }
    }
}
