using System.Diagnostics.Metrics;
using StreamRec.Redis;
using StreamRec.Work;

namespace StreamRec.Tests.Work;

public sealed class WorkMetricsTests
{
    [Fact]
    public void EveryInstrumentHasAUnitAMeaningAndItsPlaceOnThePage()
    {
        List<Instrument> instruments = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == WorkMetrics.MeterName)
                {
                    instruments.Add(instrument);
                }
            },
        };
        listener.Start();
        using var metrics = new WorkMetrics(TimeProvider.System);
        metrics.Observe([], _ => null);
        metrics.Observe(new ClusterLists(null!, null!, "p", 1, TimeSpan.Zero), []);

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "StreamRec.sln")))
        {
            folder = folder.Parent!;
        }
        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "operations.md"));
        Assert.NotEmpty(instruments);
        Assert.All(instruments, instrument =>
        {
            Assert.False(string.IsNullOrEmpty(instrument.Unit), instrument.Name);
            Assert.False(string.IsNullOrEmpty(instrument.Description), instrument.Name);
            Assert.Contains($"`{instrument.Name}`", page);
        });
    }

    [Fact]
    public void FreshnessIsTheWorstSinceItWasLastTaken()
    {
        using var metrics = new WorkMetrics(TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        metrics.Written(0, now - 60_000);
        metrics.Written(1, now);

        var (latest, worst) = metrics.TakeFreshness()!.Value;

        Assert.True(worst >= 60 && latest < worst, $"{latest}, {worst}");
        Assert.Null(metrics.TakeFreshness());
    }
}
