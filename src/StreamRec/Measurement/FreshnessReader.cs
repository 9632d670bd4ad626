using System.Collections.Concurrent;
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
/// <remarks>An event that is followed by another of its user before its list was read counts when the later one is seen.</remarks>
internal sealed class FreshnessReader(IDatabase redis, StoreKeys keys)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, Awaited> _awaited = new(StringComparer.Ordinal);
    private long _waiting;

    public LatencyHistogram Latency { get; private set; } = new();

    /// <summary>Events that were not seen in their user's list yet.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>From now on, waits for the event; <paramref name="due"/> is a time stamp of <see cref="Stopwatch"/>.</summary>
    public void Expect(string user, string eventId, long due)
    {
        Interlocked.Increment(ref _waiting);
        var mark = JsonEncodedText.Encode(eventId, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();
        _awaited.AddOrUpdate(user, _ => new Awaited(eventId, mark, [due]), (_, before) => new Awaited(eventId, mark, [.. before.Due, due]));
    }

    /// <summary>Forgets the latencies so far: the warm-up.</summary>
    public void Forget() => Latency = new();

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var waiting = _awaited.ToArray();
            if (waiting.Length > 0)
            {
                var lists = await redis.StringGetAsync(Array.ConvertAll(waiting, w => keys.List(w.Key)));
                var now = Stopwatch.GetTimestamp();
                for (var i = 0; i < waiting.Length; i++)
                {
                    if (lists[i].HasValue)
                    {
                        See(waiting[i], lists[i]!, now);
                    }
                }
            }
            await Task.Delay(s_poll, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void See(KeyValuePair<string, Awaited> waiting, byte[] list, long now)
    {
        // Most are read in vain: those are not worth parsing, which would take the worker's cores.
        if (list.AsSpan().IndexOf(waiting.Value.Mark) < 0)
        {
            return;
        }
        // Another event may have come meanwhile: then the entry stays, and all are counted with it.
        if (PublishedList.Parse(list).LastEvent?.Id == waiting.Value.EventId && _awaited.TryRemove(waiting))
        {
            foreach (var due in waiting.Value.Due)
            {
                Latency.Add(Stopwatch.GetElapsedTime(due, now));
            }
            Interlocked.Add(ref _waiting, -waiting.Value.Due.Length);
        }
    }

    /// <param name="Mark">The id as it stands in a list.</param>
    /// <param name="Due">When the newest event and those before it, not seen either, were due.</param>
    private sealed record Awaited(string EventId, byte[] Mark, long[] Due);
}
