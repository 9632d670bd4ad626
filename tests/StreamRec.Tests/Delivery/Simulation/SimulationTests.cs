using System.Globalization;
using StreamRec.Delivery.Protocol;
using Xunit.Abstractions;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>
/// Thousands of seeds through the real worker. A failing seed is named, with the fewest faults that it still fails
/// with:
/// <c>STREAMREC_SEED</c> (and <c>STREAMREC_SKIP</c>) replays it and prints every input and decision.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2400;

    /// <summary>
    /// What need not occur: a batch that cannot be computed is a bug, and has a dialogue of its own; the other reasons
    /// are refusals of a claim, which the state machine treats alike.
    /// </summary>
    private static readonly string[] NotSimulated =
    [
        $"input {PartitionInputKind.ComputeFailed}",
        $"halt {HaltReason.ProcessorFailed}",
        $"halt {HaltReason.None}",
        $"halt {HaltReason.TopicRecreated}",
        $"halt {HaltReason.PartitionsChanged}",
        $"halt {HaltReason.RecoveryUnfinished}",
        $"halt {HaltReason.MetaUnreadable}",
    ];

    [Fact]
    public void Every_seed_ends_with_every_event_applied_once()
    {
        if (Environment.GetEnvironmentVariable("STREAMREC_SEED") is { } only)
        {
            Replay(int.Parse(only, CultureInfo.InvariantCulture));
            return;
        }
        var seen = new Dictionary<string, long>();
        var reds = new List<(int Seed, string Message)>();
        Parallel.For(
            1,
            Seeds + 1,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
            () => new Dictionary<string, long>(),
            (seed, _, mine) =>
            {
                if (Red(seed, mine) is { } red)
                {
                    lock (reds)
                    {
                        reds.Add((seed, red));
                    }
                }
                return mine;
            },
            mine => Add(seen, mine)
        );
        output.WriteLine($"{Seeds} seeds");
        Assert.True(
            reds.Count == 0,
            string.Join(Environment.NewLine, reds.Order().Take(3).Select(r => Explain(r.Seed, r.Message)))
        );
        foreach (var what in Expected().Union(seen.Keys).Except(NotSimulated).Order(StringComparer.Ordinal))
        {
            output.WriteLine($"{what}: {seen.GetValueOrDefault(what)}");
            Assert.True(seen.GetValueOrDefault(what) > 0, $"O: {what} never occurred");
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void A_seed_replays_to_the_letter(int seed)
    {
        List<string> first = [],
            second = [];
        new SimulationRun(seed, SimulatedRules.All, [], tell: first.Add).Run();
        new SimulationRun(seed, SimulatedRules.All, [], tell: second.Add).Run();
        Assert.NotEmpty(first);
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_batch_that_lingers_takes_more_records()
    {
        const int NoFaults = (1 << SimulationRun.Faults) - 1;
        Dictionary<string, long> atOnce = [],
            lingering = [];
        for (var seed = 1; seed <= 10; seed++)
        {
            new SimulationRun(seed, SimulatedRules.All, atOnce, NoFaults, linger: TimeSpan.Zero).Run();
            new SimulationRun(
                seed,
                SimulatedRules.All,
                lingering,
                NoFaults,
                linger: TimeSpan.FromMilliseconds(300)
            ).Run();
        }
        var batches = $"decision {PartitionDecisionKind.Compute}";
        output.WriteLine($"{atOnce[batches]} batches at once, {lingering[batches]} lingering");
        Assert.True(lingering[batches] < 0.9 * atOnce[batches]);
    }

    private static string? Red(int seed, Dictionary<string, long> seen, int skip = 0, Action<string>? tell = null)
    {
        try
        {
            new SimulationRun(seed, SimulatedRules.All, seen, skip, tell).Run();
            return null;
        }
        catch (OracleException red)
        {
            return red.Message;
        }
    }

    // Leaves out one fault after the other, as long as an oracle still turns red.
    private static string Explain(int seed, string message)
    {
        var skip = 0;
        for (var i = 0; i < SimulationRun.Faults; i++)
        {
            if (Red(seed, [], skip | 1 << i) is { } red)
            {
                (skip, message) = (skip | 1 << i, red);
            }
        }
        return $"STREAMREC_SEED={seed} STREAMREC_SKIP={skip}: {message}";
    }

    private void Replay(int seed)
    {
        var skip = int.Parse(Environment.GetEnvironmentVariable("STREAMREC_SKIP") ?? "0", CultureInfo.InvariantCulture);
        var red = Red(seed, [], skip, output.WriteLine);
        Assert.True(red is null, $"seed {seed}: {red}");
    }

    /// <summary>Every kind of input, decision and reason to halt.</summary>
    private static IEnumerable<string> Expected() =>
        Enum.GetNames<PartitionInputKind>()
            .Select(k => $"input {k}")
            .Concat(Enum.GetNames<PartitionDecisionKind>().Select(k => $"decision {k}"))
            .Concat(Enum.GetNames<HaltReason>().Select(k => $"halt {k}"));

    private static void Add(Dictionary<string, long> seen, Dictionary<string, long> mine)
    {
        lock (seen)
        {
            foreach (var (what, times) in mine)
            {
                seen[what] = seen.GetValueOrDefault(what) + times;
            }
        }
    }
}
