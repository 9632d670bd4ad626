namespace StreamRec.Probes;

/// <summary>
/// Latencies in buckets that are 2 % wide, from 1 µs to over an hour: percentiles in bounded memory. Thread-safe.
/// </summary>
internal sealed class LatencyHistogram
{
    private const double Width = 1.02;
    private static readonly TimeSpan s_least = TimeSpan.FromMicroseconds(1);
    private static readonly double s_log = Math.Log(Width);

    private readonly long[] _counts = new long[
        1 + (int)Math.Ceiling(Math.Log(TimeSpan.FromHours(1) / s_least) / s_log)
    ];
    private readonly Lock _lock = new();

    public long Count { get; private set; }

    public void Add(TimeSpan latency)
    {
        var bucket = latency <= s_least ? 0 : (int)Math.Min(_counts.Length - 1, Math.Log(latency / s_least) / s_log);
        lock (_lock)
        {
            _counts[bucket]++;
            Count++;
        }
    }

    /// <summary>The upper edge of the bucket that holds the share, in milliseconds; NaN without latencies.</summary>
    /// <param name="share">0–1; .99 for p99.</param>
    public double Percentile(double share)
    {
        lock (_lock)
        {
            var left = Math.Max(1, (long)Math.Ceiling(share * Count));
            for (var bucket = 0; bucket < _counts.Length && Count > 0; bucket++)
            {
                left -= _counts[bucket];
                if (left <= 0)
                {
                    return (s_least * Math.Pow(Width, bucket + 1)).TotalMilliseconds;
                }
            }
            return double.NaN;
        }
    }
}
