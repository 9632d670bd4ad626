using System.Diagnostics;
using StackExchange.Redis;
using StreamRec.Lists;
using StreamRec.Redis;
using StreamRec.Redis.Connection;

namespace StreamRec.Probes;

/// <summary>
/// A reader of its own that waits for lists to include events: the latency runs from when an event was due to be sent
/// to when this reader has seen it in the list. It asks for all awaited lists together, about once a millisecond.
/// </summary>
/// <remarks>Where a list already includes a later event of the user, it includes the earlier ones too.</remarks>
internal sealed class FreshnessReader(IDatabase redis, StoreKeys keys)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();

    // Under the lock: a user's awaited event and those that were sent after it.
    private readonly Dictionary<string, List<Sent>> _awaited = new(StringComparer.Ordinal);
    private long _waiting;
    private int _longest;

    public LatencyHistogram Latency { get; private set; } = new();

    /// <summary>Events that were not seen in their user's list yet.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>
    /// From now on, waits for the event; <paramref name="due"/> is a time stamp of <see cref="Stopwatch"/>.
    /// </summary>
    public void Expect(string user, string eventId, long due)
    {
        lock (_lock)
        {
            if (!_awaited.TryGetValue(user, out var sent))
            {
                _awaited.Add(user, sent = []);
            }
            sent.Add(Await(eventId, due));
            Interlocked.Increment(ref _waiting);
        }
    }

    /// <summary>
    /// Tells of an event that is not waited for, but may come to stand in a list in the place of one that is.
    /// </summary>
    public void Mention(string user, string eventId)
    {
        lock (_lock)
        {
            if (_awaited.TryGetValue(user, out var sent))
            {
                sent.Add(Await(eventId, null));
            }
        }
    }

    /// <summary>Forgets the latencies so far: the warm-up.</summary>
    public void Forget() => Latency = new();

    /// <summary>Reads until cancelled, on a thread of its own: what waits in a pool's queue is seen late.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.Factory.StartNew(
            () => Run(stop),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    private void Run(CancellationToken stop)
    {
        do
        {
            string[] users;
            lock (_lock)
            {
                users = [.. _awaited.Keys];
            }
            if (users.Length > 0)
            {
                // Whole lists would cost the reader, and Redis, more than the worker takes to make them, on the
                // same cores.
                var tail = -(LastEventMark.MostBehind + Volatile.Read(ref _longest));
                if (Tails(users, tail) is not { } tails)
                {
                    continue;
                }
                var now = Stopwatch.GetTimestamp();
                for (var i = 0; i < users.Length; i++)
                {
                    See(users[i], tails[i], now);
                }
            }
        } while (!stop.WaitHandle.WaitOne(s_poll));
    }

    // A store that is slow, or away for a moment, is asked again; how late lists are seen then is what is measured.
    private RedisValue[]? Tails(string[] users, long tail)
    {
        try
        {
            return Task.WhenAll(Array.ConvertAll(users, user => redis.StringGetRangeAsync(keys.List(user), tail, -1)))
                .GetAwaiter()
                .GetResult();
        }
        catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
        {
            return null;
        }
    }

    private void See(string user, ReadOnlyMemory<byte> tail, long now)
    {
        lock (_lock)
        {
            var sent = _awaited[user];
            var place = sent.FindLastIndex(one => tail.Span.IndexOf(one.Mark) >= 0);
            if (place < 0)
            {
                return;
            }
            foreach (var seen in sent.Take(place + 1))
            {
                if (seen.Due is { } due)
                {
                    Latency.Add(Stopwatch.GetElapsedTime(due, now));
                    Interlocked.Decrement(ref _waiting);
                }
            }
            sent.RemoveRange(0, place + 1);
            if (!sent.Exists(one => one.Due is not null))
            {
                _awaited.Remove(user);
            }
        }
    }

    private Sent Await(string eventId, long? due)
    {
        var mark = LastEventMark.Of(eventId);
        _longest = Math.Max(_longest, mark.Length);
        return new Sent(mark, due);
    }

    /// <param name="Mark">How the event stands in a list as its last one.</param>
    /// <param name="Due">When the event was due to be sent; null: it is not waited for.</param>
    private sealed record Sent(byte[] Mark, long? Due);
}
