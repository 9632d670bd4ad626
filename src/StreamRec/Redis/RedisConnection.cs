using StackExchange.Redis;

namespace StreamRec.Redis;

/// <summary>Connects to Redis.</summary>
internal static class RedisConnection
{
    /// <param name="address">host:port, commas between.</param>
    /// <exception cref="StreamRecException">Nobody answers, or refuses; the message holds no secret.</exception>
    public static async Task<ConnectionMultiplexer> ConnectAsync(string address, string user = "", string password = "", bool tls = false)
    {
        try
        {
            var options = ConfigurationOptions.Parse(address);
            options.AbortOnConnectFail = true;
            options.ConnectTimeout = 5_000;
            options.Ssl |= tls;
            if (user.Length > 0)
            {
                options.User = user;
            }
            if (password.Length > 0)
            {
                options.Password = password;
            }
            return await ConnectionMultiplexer.ConnectAsync(options);
        }
        catch (Exception fault) when (fault is RedisException or ArgumentException)
        {
            // The client's own message may quote the configuration.
            throw new StreamRecException(
                $"Redis at {address.Split(',')[0]} cannot be reached, or refuses the user. Is it running, and is --redis right?",
                ExitCode.Unreachable);
        }
    }
}
