using StreamRec.Numerics.Matrices;

namespace StreamRec.Tests.Numerics;

public class WorkerTeamTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(4, 1)]
    [InlineData(4, 100)]
    public void Every_part_runs_once_in_every_call(int most, int parts)
    {
        var team = new WorkerTeam(most);
        var counts = new int[parts];
        for (int call = 1; call <= 50; call++)
        {
            team.Run(parts, part => Interlocked.Increment(ref counts[part]));

            Assert.All(counts, count => Assert.Equal(call, count));
        }
    }

    [Fact]
    public void A_fault_is_thrown_when_all_have_ended_and_the_next_call_works()
    {
        var team = new WorkerTeam(3);
        int done = 0;

        var fault = Assert.Throws<InvalidOperationException>(() =>
            team.Run(
                9,
                part =>
                {
                    if (part == 4)
                    {
                        throw new InvalidOperationException("four");
                    }
                    Interlocked.Increment(ref done);
                }
            )
        );
        Assert.Equal("four", fault.Message);
        int before = done;
        team.Run(9, _ => Interlocked.Increment(ref done));

        Assert.Equal(before + 9, done);
    }
}
