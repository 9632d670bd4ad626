using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using StackExchange.Redis;
using StreamRec.Recommendations;
using StreamRec.Redis;

namespace StreamRec.Measurement;

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

    public LatencyHistogram Latency { get; private set; } = new();

    /// <summary>Events that were not seen in their user's list yet.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>From now on, waits for the event; <paramref name="due"/> is a time stamp of <see cref="Stopwatch"/>.</summary>
    public void Expect(string user, string eventId, long due)
    {
        lock (_lock)
        {
            if (!_awaited.TryGetValue(user, out var sent))
            {
                _awaited.Add(user, sent = []);
            }
            sent.Add(new Sent(eventId, Mark(eventId), due));
            Interlocked.Increment(ref _waiting);
        }
    }

    /// <summary>Tells of an event that is not waited for, but may come to stand in a list in the place of one that is.</summary>
    public void Mention(string user, string eventId)
    {
        lock (_lock)
        {
            if (_awaited.TryGetValue(user, out var sent))
            {
                sent.Add(new Sent(eventId, Mark(eventId), null));
            }
        }
    }

    /// <summary>Forgets the latencies so far: the warm-up.</summary>
    public void Forget() => Latency = new();

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            string[] users;
            lock (_lock)
            {
                users = [.. _awaited.Keys];
            }
            if (users.Length > 0)
            {
                var lists = await redis.StringGetAsync(Array.ConvertAll(users, keys.List));
                var now = Stopwatch.GetTimestamp();
                for (var i = 0; i < users.Length; i++)
                {
                    if (lists[i].HasValue)
                    {
                        See(users[i], lists[i]!, now);
                    }
                }
            }
            await Task.Delay(s_poll, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void See(string user, byte[] list, long now)
    {
        lock (_lock)
        {
            var sent = _awaited[user];
            // Most are read in vain: those are not worth parsing, which would take the worker's cores.
            var place = sent.FindLastIndex(one => list.AsSpan().IndexOf(one.Mark) >= 0);
            if (place < 0 || PublishedList.Parse(list).LastEvent?.Id != sent[place].EventId)
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

    private static byte[] Mark(string eventId) =>
        JsonEncodedText.Encode(eventId, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();

    /// <param name="Mark">The id as it stands in a list.</param>
    /// <param name="Due">When the event was due to be sent; null: it is not waited for.</param>
    private sealed record Sent(string EventId, byte[] Mark, long? Due);
}
