using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Serving;
using StreamRec.Telemetry.Batches;
using StreamRec.Telemetry.Status;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace StreamRec.Telemetry;

/// <summary>
/// The worker's figures, as instruments of the meter <c>StreamRec</c>, which any OpenTelemetry exporter or
/// <c>dotnet-counters</c> reads, from the process's start. docs/operations.md lists names, units and meaning.
/// </summary>
internal sealed class WorkMetrics : IDisposable
{
    public const string MeterName = "StreamRec";

    /// <summary>The instrument that takes how fresh lists are.</summary>
    public const string FreshnessName = "streamrec.freshness";

    // OpenTelemetry's own are for milliseconds, whatever the unit.
    private static readonly InstrumentAdvice<double> s_freshness = new()
    {
        HistogramBucketBoundaries =
        [
            .0005,
            .001,
            .002,
            .003,
            .005,
            .0075,
            .01,
            .015,
            .02,
            .03,
            .05,
            .1,
            .25,
            .5,
            1,
            2.5,
            10,
        ],
    };

    private static readonly InstrumentAdvice<double> s_stage = new()
    {
        HistogramBucketBoundaries = [.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5],
    };

    private static readonly InstrumentAdvice<long> s_records = new()
    {
        HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096],
    };

    private readonly Meter _meter = new(MeterName);
    private readonly StatusBoard _board;
    private readonly TimeProvider _time;
    private readonly Tag[] _tags;
    private readonly ConcurrentDictionary<int, (Tag[] Newest, Tag[] Oldest)> _partitions = [];
    private readonly Histogram<double> _freshness,
        _encode,
        _rank,
        _store;
    private readonly Histogram<long> _records;

    public WorkMetrics(StatusBoard board, TimeProvider time)
    {
        (_board, _time) = (board, time);
        _tags = [new("topic", board.Current.Topic), new("group", board.Current.Group)];
        _freshness = _meter.CreateHistogram(
            FreshnessName,
            "s",
            "From a record's timestamp to its user's list in Redis; the newest and the oldest record of each batch.",
            null,
            s_freshness
        );
        Histogram<double> Stage(string name, string what) => _meter.CreateHistogram(name, "s", what, null, s_stage);
        _encode = Stage("streamrec.encode.duration", "From a batch's sequences to its users' vectors.");
        _rank = Stage("streamrec.rank.duration", "From a batch's vectors to its lists.");
        _store = Stage("streamrec.store.duration", "Until Redis has answered to a batch's step.");
        _records = _meter.CreateHistogram(
            "streamrec.batch.records",
            "{record}",
            "Records in a batch.",
            null,
            s_records
        );
        StatusInstruments.Add(_meter, board);
        Batches = new BatchTelemetry(board.Current.Topic, board.Current.Group, time);
    }

    /// <summary>What is told by OpenTelemetry's conventions.</summary>
    public BatchTelemetry Batches { get; }

    /// <summary>What the instruments belong to.</summary>
    internal Meter Meter => _meter;

    /// <summary>A partition's batch is in the store. From any thread.</summary>
    public void Written(PartitionIdentity partition, BatchTimes times)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        double Since(long recordMs) => Math.Max(0, (now - recordMs) / 1000.0);
        var (newest, oldest) = (Since(times.LastMs), Since(times.FirstMs));
        if (_freshness.Enabled)
        {
            var tags = _partitions.GetOrAdd(partition.Partition, Tags);
            _freshness.Record(newest, tags.Newest);
            _freshness.Record(oldest, tags.Oldest);
        }
        _board.Window.Note(newest, oldest);
    }

    /// <summary>A batch was computed. From any thread.</summary>
    public void Computed(BatchTimings batch)
    {
        _records.Record(batch.Records, _tags);
        _encode.Record(batch.Encode.TotalSeconds, _tags);
        _rank.Record(batch.Rank.TotalSeconds, _tags);
        Batches.Computed(batch);
    }

    /// <summary>Redis was asked to take a batch's step. From any thread.</summary>
    public void Stored(StepTaken step)
    {
        if (step.Answered)
        {
            _store.Record(step.Took.TotalSeconds, _tags);
        }
        Batches.Stored(step);
    }

    public void Dispose()
    {
        _meter.Dispose();
        Batches.Dispose();
    }

    private (Tag[] Newest, Tag[] Oldest) Tags(int partition)
    {
        Tag number = new("partition", partition);
        return ([.. _tags, number, new("record", "newest")], [.. _tags, number, new("record", "oldest")]);
    }
}
