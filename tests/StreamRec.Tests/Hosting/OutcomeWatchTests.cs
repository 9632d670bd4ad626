using Microsoft.Extensions.Logging;
using StreamRec.Hosting.Watches;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Telemetry;

namespace StreamRec.Tests.Hosting;

public sealed class OutcomeWatchTests
{
    private readonly HandClock _clock = new();
    private readonly KeptLog _log = new();
    private readonly OutcomeWatch _watch;
    private Outcomes _now = Outcomes.None;

    public OutcomeWatchTests() => _watch = new OutcomeWatch("clicks.dead-letters", "buy", _clock, _log);

    [Theory]
    [InlineData(0, 1200, 0, 0, 0, 0, "1200 of the last 1200 accepted events are on items that the model does not know")]
    [InlineData(5, 95, 0, 0, 0, 0, "95 of the last 100 accepted events are on items that the model does not know")]
    [InlineData(0, 0, 20, 0, 80, 0, "all of the last 80 events are of types that are not worked: --types is 'buy'")]
    [InlineData(2, 0, 0, 0, 0, 98, "98 of the last 100 records are dead letters, 98 of them for bad_utf8")]
    [InlineData(
        0,
        0,
        0,
        100,
        0,
        0,
        "none of the last 100 events made a list: 0 are on items that the model does not know, 100 older"
    )]
    [InlineData(0, 0, 0, 50, 50, 0, "none of the last 100 events made a list")]
    [InlineData(0, 30, 0, 0, 70, 0, "30 of the last 30 accepted events are on items that the model does not know")]
    // A worker that does what it is for: some of everything, a topic of many types, events that were produced again.
    [InlineData(50, 50, 10, 10, 10, 10, null)]
    [InlineData(1, 0, 0, 0, 999, 0, null)]
    [InlineData(0, 0, 1000, 0, 0, 0, null)]
    // Too few to say.
    [InlineData(0, 49, 0, 0, 0, 0, null)]
    public void A_stretch_in_which_nothing_makes_a_list_is_told_with_its_likely_reason(
        int known,
        int unknown,
        int duplicates,
        int late,
        int unwanted,
        int dead,
        string? expected
    )
    {
        Add(known, unknown, duplicates, late, unwanted, dead);
        Look();

        Assert.Equal(expected is null ? 0 : 1, _log.Lines.Count);
        Assert.All(
            _log.Lines,
            line =>
            {
                Assert.Equal(LogLevel.Warning, line.Level);
                Assert.StartsWith($"Worked for nothing: {expected}", line.Text);
            }
        );
    }

    [Fact]
    public void It_is_told_at_first_then_each_minute_and_when_lists_are_made_again()
    {
        for (var second = 0; second < 100; second += 5)
        {
            Add(unknown: 100);
            Look();
        }
        Add(known: 100);
        Look();
        Look();

        Assert.Equal([LogLevel.Warning, LogLevel.Warning, LogLevel.Information], _log.Lines.Select(line => line.Level));
    }

    /// <summary>A first try is a handful of events; after a long run the last handful says nothing.</summary>
    [Fact]
    public void At_the_end_a_few_events_are_looked_at_where_there_were_no_more()
    {
        Add(unknown: 3);
        _watch.End(Status());
        Assert.Single(_log.Lines);

        Add(known: 100);
        Look();
        _log.Lines.Clear();
        Add(unknown: 3);
        _watch.End(Status());
        Assert.Empty(_log.Lines);
    }

    /// <summary>A stretch is looked at each 5 s, whatever comes between.</summary>
    [Fact]
    public void A_stretch_that_is_not_over_is_not_looked_at()
    {
        Add(unknown: 100);
        _clock.Advance(4);
        _watch.See(Status());
        Assert.Empty(_log.Lines);
    }

    private WorkerStatus Status() =>
        new()
        {
            At = _clock.GetUtcNow(),
            Timestamp = _clock.GetTimestamp(),
            Outcomes = _now,
        };

    private void Look()
    {
        _clock.Advance(5);
        _watch.See(Status());
    }

    private void Add(
        int known = 0,
        int unknown = 0,
        int duplicates = 0,
        int late = 0,
        int unwanted = 0,
        int dead = 0
    ) =>
        _now = new(
            _now.Known + known,
            _now.Unknown + unknown,
            _now.Duplicates + duplicates,
            _now.Late + late,
            _now.Unwanted + unwanted,
            new Dictionary<string, long> { ["bad_utf8"] = _now.Dead + dead }
        );
}
