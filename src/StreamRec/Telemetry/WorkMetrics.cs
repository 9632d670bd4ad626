using System.Diagnostics.Metrics;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Redis.Lists;
using StreamRec.Serving;

namespace StreamRec.Telemetry;

/// <summary>
/// The worker's figures, as instruments of the meter <c>StreamRec</c>, which any OpenTelemetry exporter or
/// <c>dotnet-counters</c> reads. docs/operations.md lists names, units and meaning.
/// </summary>
internal sealed class WorkMetrics : IDisposable
{
    public const string MeterName = "StreamRec";

    // OpenTelemetry's own are for milliseconds, whatever the unit.
    private static readonly InstrumentAdvice<double> s_seconds = new()
    {
        HistogramBucketBoundaries = [.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private readonly Histogram<double> _freshness;
    private readonly Lock _lock = new();
    private long _written;
    private double _latest,
        _worst;

    public WorkMetrics(TimeProvider time)
    {
        _time = time;
        _freshness = _meter.CreateHistogram<double>(
            "streamrec.freshness",
            "s",
            "From a record's timestamp to its user's list in Redis; the newest and the oldest record of each batch.",
            tags: null,
            s_seconds
        );
    }

    /// <summary>What the instruments belong to.</summary>
    internal Meter Meter => _meter;

    /// <summary>Puts the partitions' counters on show.</summary>
    /// <param name="lagOf">Records of a partition that are not worked yet; null where unknown.</param>
    public void Observe(IReadOnlyList<PartitionWorker> workers, Func<int, long?> lagOf)
    {
        void Counter(string name, string unit, string what, Func<PartitionCounters, long> read) =>
            _meter.CreateObservableCounter(name, () => workers.Select(w => Measure(w, read(w.Counters))), unit, what);
        Counter("streamrec.records", "{record}", "Records taken into batches.", c => c.Records);
        Counter("streamrec.steps", "{step}", "Batches written.", c => c.Steps);
        Counter("streamrec.lists", "{list}", "Lists written, or on Redis Cluster left to be published.", c => c.Lists);
        _meter.CreateObservableCounter(
            "streamrec.dead_letters",
            () =>
                workers.SelectMany(w => w.Counters.DeadLettersBy.Select(by => Measure(w, by.Value, "reason", by.Key))),
            "{record}",
            "Records that could not be used, kept in the dead-letter topic."
        );
        Counter("streamrec.claims", "{claim}", "Claims granted.", c => c.Claims);
        Counter("streamrec.fenced", "{step}", "Steps refused because another worker holds the claim.", c => c.Fenced);
        Counter("streamrec.conflicts", "{step}", "Steps refused because the store stands elsewhere.", c => c.Conflicts);
        Counter("streamrec.store.unanswered", "{call}", "Calls to Redis without an answer in time.", c => c.Unanswered);
        Counter(
            "streamrec.gap_offsets",
            "{offset}",
            "Offsets without a record: control records, aborted transactions, compaction.",
            c => c.GapOffsets
        );
        Counter(
            "streamrec.lost_offsets",
            "{offset}",
            "Offsets that retention deleted before they were worked: raise an alarm.",
            c => c.LostOffsets
        );
        Counter("streamrec.cache.hits", "{user}", "Users whose state was in memory.", c => c.CacheHits);
        Counter("streamrec.cache.misses", "{user}", "Users whose state was read from Redis.", c => c.CacheMisses);
        _meter.CreateObservableGauge(
            "streamrec.pending",
            () => workers.Where(w => w.Phase != PartitionPhase.Released).Select(w => Measure(w, w.Pending)),
            "{record}",
            "Records in memory that are not in a batch yet, of assigned partitions."
        );
        _meter.CreateObservableGauge(
            "streamrec.lag",
            () =>
                workers
                    .Where(w => lagOf(w.Partition.Partition) is not null)
                    .Select(w => Measure(w, lagOf(w.Partition.Partition)!.Value)),
            "{record}",
            "Records that are not worked yet, of assigned partitions."
        );
    }

    /// <summary>Puts on show what became of events.</summary>
    public void Observe(EventCounters events, string topic)
    {
        Measurement<long> Of(string outcome, long count) =>
            new(
                count,
                new KeyValuePair<string, object?>("topic", topic),
                new KeyValuePair<string, object?>("outcome", outcome)
            );
        _meter.CreateObservableCounter(
            "streamrec.events",
            () =>
            {
                // First the part, then the whole, while work goes on.
                var unknown = events.UnknownItems;
                return new[]
                {
                    Of("accepted", Math.Max(0, events.Accepted - unknown)),
                    Of("unknown_item", unknown),
                    Of("duplicate", events.Duplicates),
                    Of("late", events.Late),
                    Of("unwanted_type", events.UnwantedTypes),
                };
            },
            "{event}",
            "What became of events: each is one outcome."
        );
        _meter.CreateObservableCounter(
            "streamrec.lists.not_encodable",
            () => new Measurement<long>(events.NotEncodable, new KeyValuePair<string, object?>("topic", topic)),
            "{list}",
            "Lists that were not made, since the model's vector is not finite: another bundle is needed."
        );
    }

    /// <summary>Puts on show what waits, and for what.</summary>
    public void Observe(WaitBoard board, string topic) =>
        _meter.CreateObservableGauge(
            "streamrec.waiting",
            () =>
                board
                    .Look()
                    .Select(wait => new Measurement<double>(
                        wait.What.For.TotalSeconds,
                        [
                            new("topic", topic),
                            new("reason", wait.What.Reason.Code()),
                            .. wait.Partition is { } partition
                                ? [new("partition", partition)]
                                : Array.Empty<KeyValuePair<string, object?>>(),
                        ]
                    )),
            "s",
            "For how long a partition, or the worker as a whole, has been waiting; absent where it goes on."
        );

    /// <summary>Puts on show what becomes of lists on Redis Cluster.</summary>
    public void Observe(ClusterLists lists, IReadOnlyList<PartitionWorker> workers)
    {
        _meter.CreateObservableCounter(
            "streamrec.lists.superseded",
            () => lists.Superseded,
            "{list}",
            "Redis Cluster: lists not written because a newer one is there."
        );
        _meter.CreateObservableCounter(
            "streamrec.lists.unsafe",
            () => workers.Select(w => Measure(w, w.Counters.ListsUnsafe)),
            "{list}",
            "Redis Cluster: lists that too few replicas had in time; they are published again."
        );
    }

    /// <summary>A partition's batch is in the store. From any thread.</summary>
    public void Written(PartitionIdentity partition, BatchTimes times)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        double Since(long recordMs) => Math.Max(0, (now - recordMs) / 1000.0);
        var (newest, oldest) = (Since(times.LastMs), Since(times.FirstMs));
        if (_freshness.Enabled)
        {
            KeyValuePair<string, object?> topic = new("topic", partition.Topic),
                number = new("partition", partition.Partition);
            _freshness.Record(newest, topic, number, new("record", "newest"));
            _freshness.Record(oldest, topic, number, new("record", "oldest"));
        }
        lock (_lock)
        {
            (_latest, _worst) = (newest, Math.Max(_worst, Math.Max(newest, oldest)));
            _written++;
        }
    }

    /// <summary>
    /// The freshness of the newest record and the worst of all since the last call, in seconds; null if none was
    /// written.
    /// </summary>
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

    private static Measurement<long> Measure(PartitionWorker worker, long value, string name, string tag) =>
        new(
            value,
            new KeyValuePair<string, object?>("topic", worker.Partition.Topic),
            new KeyValuePair<string, object?>("partition", worker.Partition.Partition),
            new KeyValuePair<string, object?>(name, tag)
        );

    private static Measurement<long> Measure(PartitionWorker worker, long value) =>
        new(
            value,
            new KeyValuePair<string, object?>("topic", worker.Partition.Topic),
            new KeyValuePair<string, object?>("partition", worker.Partition.Partition)
        );
}
