using StreamRec.Pipeline;
using Xunit.Abstractions;

namespace StreamRec.Tests.Simulation;

/// <summary>All that can happen to two workers that may both believe that they own a partition.</summary>
public sealed class ExhaustiveTests(ITestOutputHelper output)
{
    internal static readonly Bounds Small =
        new(Assignments: 2, Departures: 1, Delays: 1, LostAnswers: 1, Rollbacks: 1, Jumps: 0, Reconnects: 0);

    [Theory]
    [InlineData(3, 0b111, false)]
    public void No_interleaving_turns_an_oracle_red(int length, int records, bool twoUsers)
    {
        var model = new ExhaustiveModel(new SmallLog(length, records, twoUsers), PartitionRules.All, new StoreRules());
        var search = new ExhaustiveSearch(model, Small);
        var red = search.Run();
        output.WriteLine($"{search.States} states");
        Assert.True(red is null, red);
    }
}
