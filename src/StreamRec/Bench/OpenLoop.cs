using System.Diagnostics;
using StreamRec.Kafka.Producing;
using StreamRec.Probes;

namespace StreamRec.Bench;

/// <summary>
/// Sends events when they are due, however the worker fares, and has a reader of its own wait for a sample of the
/// lists.
/// </summary>
internal static class OpenLoop
{
    // A reader that waits for every list takes more of the machine than the worker does.
    private const int SampledPerSecond = 400;

    // A broker that was just started compiles and grows its heap for half a minute, on the same cores.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_nap = TimeSpan.FromMilliseconds(1);

    public static async Task<LatencyHistogram> RunAsync(
        BenchEvents events,
        EventProducer producer,
        FreshnessReader reader,
        int rate,
        TimeSpan length,
        CancellationToken stop
    )
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reads = reader.RunAsync(reading.Token);
        try
        {
            // A thread of its own: what waits in a pool's queue is sent late.
            await Task.Factory.StartNew(
                () => Send(events, producer, reader, rate, length, stop),
                stop,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
            producer.Flush(s_patience);
            var waited = Stopwatch.StartNew();
            while (reader.Waiting > 0 && waited.Elapsed < s_patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), stop);
            }
        }
        finally
        {
            await reading.CancelAsync();
            await reads;
        }
        return reader.Latency;
    }

    private static void Send(
        BenchEvents events,
        EventProducer producer,
        FreshnessReader reader,
        int rate,
        TimeSpan length,
        CancellationToken stop
    )
    {
        var start = Stopwatch.GetTimestamp();
        var stride = Math.Max(1, rate / SampledPerSecond);
        var warm = (long)(rate * s_warmUp.TotalSeconds);
        var total = warm + (long)(rate * length.TotalSeconds);
        for (long sent = 0; sent < total; sent++)
        {
            var due = start + (long)((double)sent / rate * Stopwatch.Frequency);
            stop.ThrowIfCancellationRequested();
            while (Stopwatch.GetTimestamp() < due)
            {
                stop.WaitHandle.WaitOne(s_nap);
            }
            if (sent == warm)
            {
                reader.Forget();
            }
            var click = events.Next();
            if (sent % stride == 0)
            {
                reader.Expect(click.UserId, click.EventId, due);
            }
            else
            {
                reader.Mention(click.UserId, click.EventId);
            }
            producer.Publish(click);
        }
    }
}
