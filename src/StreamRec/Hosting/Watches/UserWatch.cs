using StackExchange.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Hosting.Watches;

/// <summary>
/// Sees that Redis takes the worker for another user than its own: the client makes lost connections anew by itself,
/// and where the password has changed and the default user is open, it goes on as that one.
/// </summary>
internal sealed class UserWatch
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IConnectionMultiplexer> _connections;
    private readonly RedisSettings _settings;
    private readonly TimeProvider _time;

    // Set by the client's threads, taken by the one that looks: at first too, for what happened before it listened.
    private bool _anew = true;

    public UserWatch(IReadOnlyList<IConnectionMultiplexer> connections, RedisSettings settings, TimeProvider time)
    {
        (_connections, _settings, _time) = (connections, settings, time);
        foreach (var redis in connections)
        {
            RedisConnection.OnAnew(redis, () => Volatile.Write(ref _anew, true));
        }
    }

    /// <summary>
    /// Looks after every connection that was made anew. Ends with an exception that says who was expected.
    /// </summary>
    public async Task ChangedAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, _time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            try
            {
                if (Interlocked.Exchange(ref _anew, false))
                {
                    foreach (var redis in _connections)
                    {
                        await RedisConnection.CheckUserAsync(redis, _settings);
                    }
                }
            }
            catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
            {
                Volatile.Write(ref _anew, true);
            }
        }
    }
}
