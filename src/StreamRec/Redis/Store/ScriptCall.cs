using System.Collections.Concurrent;
using StackExchange.Redis;
using StreamRec.Delivery.Ports;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Store;

/// <summary>
/// A call of a script, whose arrays of keys and values serve one call of their lengths after another.
/// </summary>
/// <remarks>
/// The client takes arrays whole, keeps them until the answer has come, and sends them again where a Cluster redirects
/// it. So a call that was not answered keeps its own.
/// </remarks>
internal sealed class ScriptCall
{
    // Users of a batch are as many as its records at most, and so there are few lengths: 192 by default, 4,096 at most.
    private static readonly ConcurrentDictionary<(int Keys, int Values), ConcurrentBag<ScriptCall>> s_idle = [];

    private readonly ConcurrentBag<ScriptCall> _home;

    private ScriptCall(int keys, int values, ConcurrentBag<ScriptCall> home) =>
        (Keys, Values, _home) = (new RedisKey[keys], new RedisValue[values], home);

    /// <summary>To be filled.</summary>
    public RedisKey[] Keys { get; }

    /// <summary>To be filled.</summary>
    public RedisValue[] Values { get; }

    public static ScriptCall Of(int keys, int values)
    {
        var home = s_idle.GetOrAdd((keys, values), static _ => []);
        return home.TryTake(out var idle) ? idle : new ScriptCall(keys, values, home);
    }

    /// <summary>
    /// Runs the script, and is over with it. The client takes no token; who waits for the answer gives up by the
    /// caller's.
    /// </summary>
    /// <exception cref="AmbiguousStoreException">No answer came, or one that says that the script failed.</exception>
    public async Task<RedisResult> EvaluateAsync(IDatabase redis, string script)
    {
        try
        {
            var answer = await redis.ScriptEvaluateAsync(script, Keys, Values);
            Array.Clear(Keys);
            Array.Clear(Values);
            _home.Add(this);
            return answer;
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            throw StoreFault.Of(fault);
        }
    }
}
