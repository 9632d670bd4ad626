using System.Diagnostics.Metrics;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Lists;
using StreamRec.Ranking;
using StreamRec.Sequences;
using StreamRec.Serving;
using StreamRec.Telemetry;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Telemetry;

public sealed class WorkMetricsTests : IDisposable
{
    private static readonly PartitionIdentity s_partition = new("clicks", 3, "uuid", 4, "g");

    private readonly HandClock _clock = new();
    private readonly StatusBoard _board;
    private readonly WorkMetrics _metrics;
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _instruments = [];
    private readonly List<(string Name, double Value, string Tags)> _measured = [];

    public WorkMetricsTests()
    {
        _board = new StatusBoard("clicks", "g", _clock);
        _metrics = new WorkMetrics(_board, _clock);
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

    /// <summary>
    /// The buckets that OpenTelemetry takes by itself begin at 0 and 5: of seconds they tell nothing.
    /// </summary>
    [Fact]
    public void Freshness_is_of_the_newest_and_the_oldest_record_and_can_be_read_at_a_few_milliseconds()
    {
        _metrics.Written(s_partition, new(Ago(1.5), Ago(.5)));

        Assert.Equal(
            [
                ("streamrec.freshness", .5, "group=g partition=3 record=newest topic=clicks"),
                ("streamrec.freshness", 1.5, "group=g partition=3 record=oldest topic=clicks"),
            ],
            _measured
        );
        var buckets = ((Histogram<double>)_instruments.Single(i => i.Name == "streamrec.freshness"))
            .Advice!
            .HistogramBucketBoundaries!;
        Assert.Equal(buckets.Order(), buckets);
        // A quantile is read as some value of its bucket.
        for (var ms = 1; ms <= 20; ms++)
        {
            var above = buckets.First(bound => bound >= ms / 1000d);
            var below = buckets.Last(bound => bound < ms / 1000d);
            Assert.True(above <= 2 * below, $"{ms} ms lies between {below} and {above} s");
        }
    }

    [Fact]
    public void Events_and_lists_are_by_what_became_of_them()
    {
        var events = new EventCounters();
        events.Count(ApplyOutcome.Accepted, itemIsKnown: true);
        events.Count(ApplyOutcome.Accepted, itemIsKnown: false);
        events.Count(ApplyOutcome.Accepted, itemIsKnown: false);
        events.Count(ApplyOutcome.Late, itemIsKnown: true);
        events.CountUnwanted();
        var lists = new RankedItems();
        lists.Begin(places: 7, room: 1);
        for (var place = 0; place < lists.Count; place++)
        {
            lists.Set(place, place < 5 ? ListKinds.Model : ListKinds.Seen, count: 1);
        }
        events.Count(lists);
        Watch(events: events);

        _listener.RecordObservableInstruments();

        Assert.Equal(
            [("accepted", 1d), ("unknown_item", 2), ("duplicate", 0), ("late", 1), ("unwanted_type", 1)],
            Measured("streamrec.events", "outcome")
        );
        Assert.Equal([("model", 5d), ("seen", 2)], Measured("streamrec.lists.made", "kind"));
    }

    [Fact]
    public void What_waits_is_a_gauge_by_reason_that_is_absent_where_nothing_does()
    {
        PartitionWait? group = new(WaitReason.KafkaRefuses, "why", TimeSpan.FromSeconds(9));
        _board.Enter(WorkerPhase.Waiting);
        Watch(group: () => group);

        _listener.RecordObservableInstruments();
        Assert.Equal([("kafka_refuses", 9d)], Measured("streamrec.waiting", "reason"));

        _measured.Clear();
        group = null;
        _board.Tick();
        _listener.RecordObservableInstruments();
        Assert.Empty(Measured("streamrec.waiting", "reason"));
    }

    /// <summary>Alerts stand on these: a halt outlives the work, and a model is known by its name.</summary>
    [Fact]
    public void The_model_the_halt_and_the_clients_log_are_shown_once_there_are_any()
    {
        _listener.RecordObservableInstruments();
        Assert.DoesNotContain(_measured, m => m.Name is "streamrec.model.info" or "streamrec.halted");

        _board.Show(new ServedModel("m-1", 100, "by step"));
        _board.Watch(() => new Dictionary<string, long> { ["error"] = 4 });
        _board.Halt(HaltReason.Fork);
        _measured.Clear();
        _listener.RecordObservableInstruments();

        Assert.Equal([("m-1", 1d)], Measured("streamrec.model.info", "model"));
        Assert.Equal([("Fork", 1d)], Measured("streamrec.halted", "reason"));
        Assert.Equal([("error", 4d)], Measured("streamrec.kafka.log", "level"));
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

    private IEnumerable<(string Tag, double Value)> Measured(string name, string tag) =>
        _measured
            .Where(m => m.Name == name)
            .Select(m =>
                (
                    m.Tags.Split(' ').Single(t => t.StartsWith($"{tag}=", StringComparison.Ordinal))[
                        (tag.Length + 1)..
                    ],
                    m.Value
                )
            );

    private void Watch(EventCounters? events = null, Func<PartitionWait?>? group = null) =>
        _board.Watch(
            new StatusSources
            {
                Workers = [],
                Events = events ?? new(),
                LagOf = _ => null,
                Waits = new WaitBoard([], group ?? (() => null), _ => null),
                Joined = () => true,
                Polled = _clock.GetTimestamp,
                Answered = _clock.GetTimestamp,
            }
        );

    private long Ago(double seconds) => _clock.GetUtcNow().ToUnixTimeMilliseconds() - (long)(1000 * seconds);

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var names = tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal);
        _measured.Add((instrument.Name, value, string.Join(' ', names)));
    }
}
