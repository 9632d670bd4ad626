using StackExchange.Redis;

namespace StreamRec.Redis;

/// <summary>Connects to Redis.</summary>
internal static class RedisConnection
{
    private const int ConnectTimeoutMs = 5_000;

    /// <exception cref="StreamRecException">Nobody answers, or refuses; the message holds no secret.</exception>
    public static async Task<ConnectionMultiplexer> ConnectAsync(RedisSettings settings)
    {
        var options = settings.Options();
        options.AbortOnConnectFail = true;
        options.ConnectTimeout = ConnectTimeoutMs;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options);
        }
        catch (RedisException fault)
        {
            throw new StreamRecException($"{settings} {RedisRefusal.Explain(fault)}", ExitCode.Unreachable);
        }
    }
}
