using StreamRec.Pipeline;
using Xunit.Abstractions;

namespace StreamRec.Tests.Simulation;

/// <summary>Thousands of seeds through the real worker. A failing seed is named: give it to <c>STREAMREC_SEED</c> to replay it.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2000;

    /// <summary>What need not occur in a run: retention and lists on their own shards are not simulated.</summary>
    private static readonly string[] NotSimulated =
    [
        nameof(PartitionCounters.LostOffsets), nameof(PartitionCounters.ListsPublished),
        nameof(PartitionCounters.ListsUnsafe), nameof(PartitionCounters.Republished),
    ];

    [Fact]
    public void Every_seed_ends_with_every_event_applied_once()
    {
        var seen = new Dictionary<string, long>();
        var only = Environment.GetEnvironmentVariable("STREAMREC_SEED");
        int[] seeds = only is null ? [.. Enumerable.Range(1, Seeds)] : [int.Parse(only)];
        foreach (var seed in seeds)
        {
            try
            {
                new SimulationRun(seed, PartitionRules.All, new StoreRules(), seen).Run();
            }
            catch (OracleException red)
            {
                Assert.Fail($"seed {seed}: {red.Message}");
            }
        }

        output.WriteLine($"{seeds.Length} seeds");
        foreach (var (what, times) in seen.OrderBy(s => s.Key))
        {
            output.WriteLine($"{what}: {times}");
            Assert.True(only is not null || times > 0 || NotSimulated.Contains(what), $"O: {what} never occurred");
        }
    }

    [Fact]
    public void A_seed_replays_to_the_letter()
    {
        Dictionary<string, long> first = [], second = [];
        new SimulationRun(7, PartitionRules.All, new StoreRules(), first).Run();
        new SimulationRun(7, PartitionRules.All, new StoreRules(), second).Run();
        Assert.Equal(first, second);
    }
}
