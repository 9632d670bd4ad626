using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;

namespace StreamRec.Telemetry.Batches;

/// <summary>
/// The traces that records belong to, by their header <c>traceparent</c>, until their batch is written. While nobody
/// listens no header is read and nothing is kept.
/// </summary>
/// <param name="wanted">Whether somebody listens.</param>
internal sealed class RecordContexts(Func<bool> wanted)
{
    /// <summary>The most that one batch is linked to.</summary>
    public const int MostLinks = 128;

    // Of a partition whose batches are not written for long.
    private const int MostHeld = 16_384;

    private readonly ConcurrentDictionary<int, ConcurrentQueue<(long Offset, ActivityContext Context)>> _held = new();

    /// <summary>A record was fetched. By the thread that polls.</summary>
    public void Note(ConsumeResult<byte[], byte[]> record)
    {
        if (
            !wanted()
            || record.Message.Headers is not { } headers
            || !headers.TryGetLastBytes("traceparent", out var parent)
            || !ActivityContext.TryParse(Text(parent), State(headers), isRemote: true, out var context)
        )
        {
            return;
        }
        var queue = _held.GetOrAdd(record.Partition.Value, static _ => new());
        queue.Enqueue((record.Offset.Value, context));
        if (queue.Count > MostHeld)
        {
            queue.TryDequeue(out _);
        }
    }

    /// <summary>Takes those of a partition's records below an offset; of many the first.</summary>
    public IReadOnlyList<ActivityLink> Take(int partition, long to)
    {
        if (!_held.TryGetValue(partition, out var queue))
        {
            return [];
        }
        var links = new List<ActivityLink>();
        while (queue.TryPeek(out var first) && first.Offset < to && queue.TryDequeue(out var taken))
        {
            if (links.Count < MostLinks)
            {
                links.Add(new ActivityLink(taken.Context));
            }
        }
        return links;
    }

    private static string? State(Headers headers) =>
        headers.TryGetLastBytes("tracestate", out var state) ? Text(state) : null;

    private static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes ?? []);
}
