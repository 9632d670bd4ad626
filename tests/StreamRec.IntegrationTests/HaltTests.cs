using StreamRec.Faults;
using Xunit.Abstractions;

namespace StreamRec.IntegrationTests;

/// <summary>
/// Each halt on real servers, and the way on that its message names: rows of the fault matrix that one broker is enough
/// for. The fork needs three: row 17 of the matrix.
/// </summary>
[Collection(nameof(Servers))]
public sealed class HaltTests(Servers servers, ITestOutputHelper output)
{
    [ServerTheory]
    [InlineData(15, "Retention")]
    [InlineData(16, "TopicRecreated")]
    [InlineData(18, "PartitionsChanged")]
    [InlineData(28, "the store was emptied")]
    [InlineData(37, "OtherGroup")]
    public async Task A_halt_is_explained_and_there_is_a_way_on(int row, string reason)
    {
        await using var matrix = new Matrix(servers.Kafka, servers.Redis);

        var outcome = await matrix.RunAsync(Matrix.Rows.Single(r => r.Number == row), repetitions: 1);

        output.WriteLine(Matrix.Line(outcome));
        Assert.Equal(Matrix.Passed, outcome.Verdict);
        Assert.Contains(reason, outcome.Observed);
    }
}
