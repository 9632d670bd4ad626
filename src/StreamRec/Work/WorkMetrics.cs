using System.Diagnostics.Metrics;
using StreamRec.Pipeline;
using StreamRec.Recommendations;
using StreamRec.Redis;

namespace StreamRec.Work;

/// <summary>
/// The worker's figures, as instruments of the meter <c>StreamRec</c>, which any OpenTelemetry exporter or
/// <c>dotnet-counters</c> reads. docs/operations.md lists names, units and meaning.
/// </summary>
internal sealed class WorkMetrics : IDisposable
{
    public const string MeterName = "StreamRec";

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private readonly Histogram<double> _freshness;
    private readonly Lock _lock = new();
    private long _written;
    private double _latest, _worst;

    public WorkMetrics(TimeProvider time)
    {
        _time = time;
        _freshness = _meter.CreateHistogram<double>(
            "streamrec.freshness", "s", "From a record's timestamp to its user's list in Redis; the newest record of each batch.");
    }

    /// <summary>Puts the partitions' counters on show.</summary>
    /// <param name="lagOf">Records of a partition that are not worked yet; null where unknown.</param>
    public void Observe(IReadOnlyList<PartitionWorker> workers, Func<int, long?> lagOf)
    {
        void Counter(string name, string unit, string what, Func<PartitionCounters, long> read) =>
            _meter.CreateObservableCounter(name, () => workers.Select(w => Measure(w, read(w.Counters))), unit, what);
        Counter("streamrec.records", "{record}", "Records taken into batches.", c => c.Records);
        Counter("streamrec.steps", "{step}", "Batches written.", c => c.Steps);
        Counter("streamrec.dead_letters", "{record}", "Records that could not be used, kept in the dead-letter topic.", c => c.DeadLetters);
        Counter("streamrec.claims", "{claim}", "Claims granted.", c => c.Claims);
        Counter("streamrec.fenced", "{step}", "Steps refused because another worker holds the claim.", c => c.Fenced);
        Counter("streamrec.conflicts", "{step}", "Steps refused because the store stands elsewhere.", c => c.Conflicts);
        Counter("streamrec.store.unanswered", "{call}", "Calls to Redis without an answer in time.", c => c.Unanswered);
        Counter("streamrec.gap_offsets", "{offset}", "Offsets without a record: control records, aborted transactions, compaction.", c => c.GapOffsets);
        Counter("streamrec.lost_offsets", "{offset}", "Offsets that retention deleted before they were worked: raise an alarm.", c => c.LostOffsets);
        Counter("streamrec.cache.hits", "{user}", "Users whose state was in memory.", c => c.CacheHits);
        Counter("streamrec.cache.misses", "{user}", "Users whose state was read from Redis.", c => c.CacheMisses);
        _meter.CreateObservableGauge(
            "streamrec.lag", () => workers.Where(w => lagOf(w.Partition.Partition) is not null)
                .Select(w => Measure(w, lagOf(w.Partition.Partition)!.Value)), "{record}", "Records that are not worked yet, of assigned partitions.");
    }

    /// <summary>Puts on show what becomes of events and users.</summary>
    public void Observe(EventCounters events) =>
        _meter.CreateObservableCounter(
            "streamrec.lists.not_encodable", () => events.NotEncodable, "{list}",
            "Lists that were not made, since the model's vector is not finite: another bundle is needed.");

    /// <summary>Puts on show what becomes of lists on Redis Cluster.</summary>
    public void Observe(ClusterLists lists, IReadOnlyList<PartitionWorker> workers)
    {
        _meter.CreateObservableCounter(
            "streamrec.lists.superseded", () => lists.Superseded, "{list}", "Redis Cluster: lists not written because a newer one is there.");
        _meter.CreateObservableCounter(
            "streamrec.lists.unsafe", () => workers.Select(w => Measure(w, w.Counters.ListsUnsafe)), "{list}",
            "Redis Cluster: lists that too few replicas had in time; they are published again.");
    }

    /// <summary>A partition's newest record is in the store. From any thread.</summary>
    public void Written(int partition, long recordMs)
    {
        var seconds = Math.Max(0, (_time.GetUtcNow().ToUnixTimeMilliseconds() - recordMs) / 1000.0);
        _freshness.Record(seconds, new KeyValuePair<string, object?>("partition", partition));
        lock (_lock)
        {
            (_latest, _worst) = (seconds, Math.Max(_worst, seconds));
            _written++;
        }
    }

    /// <summary>The freshness of the newest batch and the worst since the last call, in seconds; null if none was written.</summary>
    public (double Latest, double Worst)? TakeFreshness()
    {
        lock (_lock)
        {
            var taken = _written == 0 ? ((double, double)?)null : (_latest, _worst);
            (_written, _worst) = (0, 0);
            return taken;
        }
    }

    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Measure(PartitionWorker worker, long value) =>
        new(value, new KeyValuePair<string, object?>("topic", worker.Partition.Topic),
            new KeyValuePair<string, object?>("partition", worker.Partition.Partition));
}
