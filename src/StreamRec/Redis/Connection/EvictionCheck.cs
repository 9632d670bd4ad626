using StackExchange.Redis;

namespace StreamRec.Redis.Connection;

/// <summary>Looks, before any work, whether Redis may throw states away by itself.</summary>
internal static class EvictionCheck
{
    /// <returns>What is doubtful, in words; null if nothing is.</returns>
    /// <exception cref="StreamRecException">Redis evicts keys when its memory is full.</exception>
    public static async Task<string?> CheckAsync(ConnectionMultiplexer redis, RedisSettings settings)
    {
        foreach (var server in redis.GetServers().Where(server => server.IsConnected))
        {
            Dictionary<string, string> facts;
            try
            {
                facts = ((string?)await server.ExecuteAsync("INFO", "memory") ?? "")
                    .Split('\n')
                    .Select(line => line.Trim().Split(':', 2))
                    .Where(pair => pair.Length == 2)
                    .DistinctBy(pair => pair[0])
                    .ToDictionary(pair => pair[0], pair => pair[1]);
            }
            catch (RedisServerException)
            {
                return "INFO is not allowed, so it could not be checked that Redis runs with "
                    + "maxmemory-policy noeviction";
            }
            if (!facts.TryGetValue("maxmemory_policy", out var policy) || policy == "noeviction")
            {
                continue;
            }
            if (facts.GetValueOrDefault("maxmemory") is "0" or null)
            {
                return $"maxmemory-policy is {policy}: with a maxmemory Redis would throw states away. Set noeviction";
            }
            throw new StreamRecException(
                $"{settings} throws keys away when its memory is full (maxmemory-policy {policy}), "
                    + "and with them users' states. "
                    + "Set it: CONFIG SET maxmemory-policy noeviction.",
                FaultKind.Unreachable
            );
        }
        return null;
    }
}
