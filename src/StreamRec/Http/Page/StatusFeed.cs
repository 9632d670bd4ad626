using System.Diagnostics.Metrics;
using System.Text.Json;
using StreamRec.Probes;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;

namespace StreamRec.Http.Page;

/// <summary>The worker's status each second, as bytes, and the last two minutes of what the page draws.</summary>
internal sealed class StatusFeed : IDisposable
{
    /// <summary>Seconds that are kept.</summary>
    public const int Kept = 120;

    private readonly StatusBoard _board;
    private readonly Func<WorkerStatus, Second, byte[]> _write;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Queue<Second> _seconds = new();
    private readonly MeterListener _listener = new();
    private LatencyHistogram _freshness = new();
    private (long Records, long At)? _before;
    private volatile byte[] _current;

    /// <param name="write">The status and its second as JSON on one line.</param>
    public StatusFeed(
        StatusBoard board,
        WorkMetrics metrics,
        Func<WorkerStatus, Second, byte[]> write,
        TimeProvider time
    )
    {
        (_board, _write, _time) = (board, write, time);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == metrics.Meter && instrument.Name == WorkMetrics.FreshnessName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>(
            (_, seconds, _, _) => Volatile.Read(ref _freshness).Add(TimeSpan.FromSeconds(seconds))
        );
        _listener.Start();
        _current = write(board.Current, Look(board.Current));
        board.Taken += See;
    }

    /// <summary>Told the status as JSON, each second.</summary>
    public event Action<byte[]>? Told;

    /// <summary>The last status, as JSON.</summary>
    public byte[] Current => _current;

    /// <summary>The seconds so far, oldest first, as a JSON array.</summary>
    public byte[] History()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            lock (_lock)
            {
                foreach (var second in _seconds)
                {
                    second.Write(json);
                }
            }
            json.WriteEndArray();
        }
        return buffer.ToArray();
    }

    public void Dispose()
    {
        _board.Taken -= See;
        _listener.Dispose();
    }

    private void See(WorkerStatus status)
    {
        var second = Look(status);
        lock (_lock)
        {
            _seconds.Enqueue(second);
            if (_seconds.Count > Kept)
            {
                _seconds.Dequeue();
            }
        }
        var json = _current = _write(status, second);
        Told?.Invoke(json);
    }

    private Second Look(WorkerStatus status)
    {
        var fresh = Interlocked.Exchange(ref _freshness, new());
        var records = status.Sum(partition => partition.Records);
        var passed = _before is { } before ? _time.GetElapsedTime(before.At, status.Timestamp) : TimeSpan.Zero;
        double? rate = passed > TimeSpan.Zero ? (records - _before!.Value.Records) / passed.TotalSeconds : null;
        _before = (records, status.Timestamp);
        var lags = status.Assigned.Select(partition => partition.Lag).ToArray();
        double? Share(double share) => fresh.Count == 0 ? null : fresh.Percentile(share) / 1_000;
        return new(
            status.At.ToUnixTimeMilliseconds(),
            rate,
            lags.Length == 0 || lags.Contains(null) ? null : lags.Sum(),
            Share(.5),
            Share(.99)
        );
    }
}

/// <summary>What is drawn of a second; null where it was not measured.</summary>
/// <param name="Records">Worked a second.</param>
/// <param name="Lag">Of all assigned partitions.</param>
/// <param name="P50">Freshness of what was written, in seconds.</param>
internal readonly record struct Second(long AtMs, double? Records, long? Lag, double? P50, double? P99)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("at", AtMs);
        json.WriteOrNull("records", Records);
        json.WriteOrNull("lag", Lag);
        json.WriteOrNull("p50", P50);
        json.WriteOrNull("p99", P99);
        json.WriteEndObject();
    }
}
