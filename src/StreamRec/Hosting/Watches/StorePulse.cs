using StackExchange.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Hosting.Watches;

/// <summary>Asks Redis each second whether it answers, since a worker on standby has nothing else to ask.</summary>
internal sealed class StorePulse(IConnectionMultiplexer redis, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    // What was made with a connection begins with one that has just answered.
    private long _answered = time.GetTimestamp();

    /// <summary>When all masters that are connected last answered.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Asks until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            var asked = time.GetTimestamp();
            if (await AnswersAsync(stop))
            {
                Volatile.Write(ref _answered, asked);
            }
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken stop)
    {
        try
        {
            var masters = redis.GetServers().Where(server => server.IsConnected && !server.IsReplica).ToList();
            await Task.WhenAll(masters.Select(server => server.PingAsync())).WaitAsync(s_limit, time, stop);
            return masters.Count > 0;
        }
        catch (RedisServerException refusal)
        {
            // A user without the right to PING was answered all the same.
            return refusal.Message.StartsWith("NOPERM", StringComparison.Ordinal);
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return false;
        }
    }
}
