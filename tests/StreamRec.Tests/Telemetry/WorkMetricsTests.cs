using System.Diagnostics.Metrics;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Redis.Lists;
using StreamRec.Sequences;
using StreamRec.Serving;
using StreamRec.Telemetry;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Telemetry;

public sealed class WorkMetricsTests : IDisposable
{
    private static readonly PartitionIdentity s_partition = new("clicks", 3, "uuid", 4, "g");

    private readonly HandClock _clock = new();
    private readonly WorkMetrics _metrics;
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _instruments = [];
    private readonly List<(string Name, double Value, string Tags)> _measured = [];

    public WorkMetricsTests()
    {
        _metrics = new WorkMetrics(_clock);
        var meter = _metrics.Meter;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                _instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void Every_instrument_has_a_unit_a_meaning_and_its_place_on_the_page()
    {
        _metrics.Observe([], _ => null);
        _metrics.Observe(new ClusterLists(null!, null!, "p", 1, TimeSpan.Zero), []);
        _metrics.Observe(new EventCounters(), "clicks");
        _metrics.Observe(new WaitBoard([], () => null, _ => null), "clicks");

        var page = Page();
        Assert.NotEmpty(_instruments);
        Assert.All(
            _instruments,
            instrument =>
            {
                Assert.False(string.IsNullOrEmpty(instrument.Unit), instrument.Name);
                Assert.False(string.IsNullOrEmpty(instrument.Description), instrument.Name);
                Assert.Contains($"`{instrument.Name}`", page);
            }
        );
    }

    [Fact]
    public void Freshness_is_the_worst_since_it_was_last_taken()
    {
        _metrics.Written(s_partition, new(Ago(60), Ago(0)));
        _metrics.Written(s_partition, new(Ago(2), Ago(1)));

        Assert.Equal((1, 60), _metrics.TakeFreshness());
        Assert.Null(_metrics.TakeFreshness());
    }

    /// <summary>
    /// The buckets that OpenTelemetry takes by itself begin at 0 and 5: of seconds they tell nothing.
    /// </summary>
    [Fact]
    public void Freshness_is_of_the_newest_and_the_oldest_record_in_buckets_of_seconds()
    {
        _metrics.Written(s_partition, new(Ago(1.5), Ago(.5)));

        Assert.Equal(
            [
                ("streamrec.freshness", .5, "partition=3 record=newest topic=clicks"),
                ("streamrec.freshness", 1.5, "partition=3 record=oldest topic=clicks"),
            ],
            _measured
        );
        var buckets = ((Histogram<double>)_instruments.Single(i => i.Name == "streamrec.freshness"))
            .Advice!
            .HistogramBucketBoundaries!;
        Assert.Equal((.0005, 10), (buckets[0], buckets[^1]));
        Assert.Equal(buckets.Order(), buckets);
    }

    [Fact]
    public void Events_are_by_outcome_which_add_up()
    {
        var events = new EventCounters();
        events.Count(ApplyOutcome.Accepted, itemIsKnown: true);
        events.Count(ApplyOutcome.Accepted, itemIsKnown: false);
        events.Count(ApplyOutcome.Accepted, itemIsKnown: false);
        events.Count(ApplyOutcome.Late, itemIsKnown: true);
        events.CountUnwanted();
        _metrics.Observe(events, "clicks");

        _listener.RecordObservableInstruments();

        Assert.Equal(
            [("accepted", 1d), ("unknown_item", 2), ("duplicate", 0), ("late", 1), ("unwanted_type", 1)],
            _measured
                .Where(m => m.Tags.StartsWith("outcome=", StringComparison.Ordinal))
                .Select(m => (m.Tags.Split(' ')[0]["outcome=".Length..], m.Value))
        );
    }

    [Fact]
    public void What_waits_is_a_gauge_by_reason_that_is_absent_where_nothing_does()
    {
        PartitionWait? group = new(WaitReason.KafkaRefuses, "why", TimeSpan.FromSeconds(9));
        _metrics.Observe(new WaitBoard([], () => group, _ => null), "clicks");

        _listener.RecordObservableInstruments();
        Assert.Equal([("streamrec.waiting", 9, "reason=kafka_refuses topic=clicks")], _measured);

        _measured.Clear();
        group = null;
        _listener.RecordObservableInstruments();
        Assert.Empty(_measured);
    }

    internal static string Page()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "StreamRec.sln")))
        {
            folder = folder.Parent!;
        }
        return File.ReadAllText(Path.Combine(folder.FullName, "docs", "operations.md"));
    }

    private long Ago(double seconds) => _clock.GetUtcNow().ToUnixTimeMilliseconds() - (long)(1000 * seconds);

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var names = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal);
        _measured.Add((instrument.Name, value, string.Join(' ', names)));
    }
}
