using System.Collections.Concurrent;
using RESPite.Messages;
using StackExchange.Redis;
using StreamRec.Pipeline;

namespace StreamRec.Redis;

/// <summary>A call of a script: its keys and values, and what it read, in memory that is used for one call after another.</summary>
/// <remarks>
/// Only a call that was answered gives its memory back: of one that was not, the client may still have to send what stands in it.
/// </remarks>
internal sealed class ScriptCall
{
    private static readonly ConcurrentBag<ScriptCall> s_idle = [];

    private RedisKey[] _keys = [];
    private RedisValue[] _values = [];
    private int _keyCount;
    private int _valueCount;

    private ScriptCall()
    {
    }

    /// <summary>Room for the keys, to be filled.</summary>
    public Span<RedisKey> Keys => _keys.AsSpan(0, _keyCount);

    /// <summary>Room for the values, to be filled.</summary>
    public Span<RedisValue> Values => _values.AsSpan(0, _valueCount);

    public static ScriptCall Of(int keys, int values)
    {
        var call = s_idle.TryTake(out var idle) ? idle : new ScriptCall();
        (call._keyCount, call._valueCount) = (keys, values);
        if (call._keys.Length < keys)
        {
            call._keys = new RedisKey[keys];
        }
        if (call._values.Length < values)
        {
            call._values = new RedisValue[values];
        }
        return call;
    }

    /// <summary>Runs the script. The call is over with it. The client takes no token; who waits for the answer gives up by the caller's.</summary>
    /// <exception cref="AmbiguousStoreException">No answer came, or one that says that the script failed.</exception>
    public async Task<RespResult> EvaluateAsync(IDatabase redis, string script)
    {
        try
        {
            var answer = await redis.ScriptEvaluateRespAsync(script, _keys.AsMemory(0, _keyCount), _values.AsMemory(0, _valueCount));
            s_idle.Add(this);
            return answer;
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException)
        {
            throw new AmbiguousStoreException($"Redis did not answer: {fault.Message}", fault);
        }
    }
}
