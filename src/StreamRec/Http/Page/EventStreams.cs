using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace StreamRec.Http.Page;

/// <summary>
/// Server-sent events, the same bytes to all who listen. A listener who is slow misses some, and holds nobody up.
/// </summary>
internal sealed class EventStreams : IDisposable
{
    /// <summary>The most listeners.</summary>
    public const int Most = 16;

    // Of a listener, what was not sent yet.
    private const int Held = 4;

    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly List<Channel<ReadOnlyMemory<byte>>> _open = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _sent;

    public EventStreams(TimeProvider time)
    {
        (_time, _sent) = (time, time.GetTimestamp());
        _timer = time.CreateTimer(_ => Beat(), null, s_heartbeat, s_heartbeat);
    }

    /// <summary>One event, as it goes over the wire.</summary>
    /// <param name="json">On one line.</param>
    public static byte[] Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json) =>
        [.. "event: "u8, .. name, .. "\ndata: "u8, .. json, .. "\n\n"u8];

    /// <summary>Sends to all who listen. From any thread.</summary>
    public void Send(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            _sent = _time.GetTimestamp();
            foreach (var channel in _open)
            {
                channel.Writer.TryWrite(bytes);
            }
        }
    }

    /// <summary>Answers a listener until it goes, or all end.</summary>
    /// <param name="first">What it is sent before anything else.</param>
    public async Task AnswerAsync(HttpContext context, ReadOnlyMemory<byte> first)
    {
        var channel = Channel.CreateBounded<ReadOnlyMemory<byte>>(
            new BoundedChannelOptions(Held) { FullMode = BoundedChannelFullMode.DropOldest }
        );
        if (!TryOpen(channel))
        {
            context.Response.Headers.RetryAfter = "5";
            await JsonAnswer.RefuseAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                $"{Most} pages are open already: close one."
            );
            return;
        }
        try
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _ending.Token);
            var response = context.Response;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";
            // Proxies would keep it until there is more.
            response.Headers["X-Accel-Buffering"] = "no";
            await response.Body.WriteAsync(first, over.Token);
            await response.Body.FlushAsync(over.Token);
            await foreach (var bytes in channel.Reader.ReadAllAsync(over.Token))
            {
                await response.Body.WriteAsync(bytes, over.Token);
                await response.Body.FlushAsync(over.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The listener has gone, or all are to end.
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(channel);
            }
        }
    }

    /// <summary>Ends all streams.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        // Not disposed of: a listener may come yet, and is to end at once.
        _ending.Cancel();
    }

    private bool TryOpen(Channel<ReadOnlyMemory<byte>> channel)
    {
        lock (_lock)
        {
            if (_open.Count >= Most)
            {
                return false;
            }
            _open.Add(channel);
            return true;
        }
    }

    // Lets who is between see that the stream lives.
    private void Beat()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _sent)) >= s_heartbeat)
        {
            Send(": heartbeat\n\n"u8.ToArray());
        }
    }
}
