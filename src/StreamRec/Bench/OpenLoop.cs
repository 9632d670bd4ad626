using System.Diagnostics;
using StreamRec.Kafka;
using StreamRec.Measurement;

namespace StreamRec.Bench;

/// <summary>Sends events when they are due, however the worker fares, and has a reader of its own wait for each list.</summary>
internal static class OpenLoop
{
    private const double WarmUp = 0.2;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<LatencyHistogram> RunAsync(
        BenchEvents events, EventProducer producer, FreshnessReader reader, int rate, TimeSpan length, CancellationToken stop)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reads = Task.Run(() => reader.RunAsync(reading.Token), stop);
        var start = Stopwatch.GetTimestamp();
        var warm = (long)(rate * length.TotalSeconds * WarmUp);
        var total = warm + (long)(rate * length.TotalSeconds);
        for (long sent = 0; sent < total; sent++)
        {
            var due = start + (long)((double)sent / rate * Stopwatch.Frequency);
            if (due - Stopwatch.GetTimestamp() is var early && early > Stopwatch.Frequency / 1000)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), stop);
                sent--;
                continue;
            }
            if (sent == warm)
            {
                reader.Forget();
            }
            var (_, click) = events.Next();
            reader.Expect(click.UserId, click.EventId, due);
            producer.Publish(click);
        }
        producer.Flush(s_patience);
        for (var waited = Stopwatch.StartNew(); reader.Waiting > 0 && waited.Elapsed < s_patience;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), stop);
        }
        await reading.CancelAsync();
        await reads;
        return reader.Latency;
    }
}
