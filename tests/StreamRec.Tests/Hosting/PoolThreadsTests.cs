using StreamRec.Hosting.Runtime;

namespace StreamRec.Tests.Hosting;

public class PoolThreadsTests
{
    [Theory]
    [InlineData(0.4, 500, 300, true)]
    [InlineData(0.1, 0, 0, false)]
    [InlineData(0.4, 3_000, 300, false)]
    [InlineData(0.9, 500, 300, false)]
    public void One_is_enough_where_events_come_singly_and_little_is_to_be_done(
        double used,
        long records,
        long steps,
        bool enough
    ) => Assert.Equal(enough, PoolThreads.IsOneEnough(used, records, steps));
}
