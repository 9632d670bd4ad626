using Confluent.Kafka;
using StreamRec.Kafka;

namespace StreamRec.Tests.Kafka;

public sealed class NameWaitTests
{
    private static readonly Error s_taken = new(ErrorCode.UnreleasedInstanceId);
    private static readonly CancellationToken s_stopped = new(canceled: true);

    [Fact]
    public void WhoComesToATakenNameWaitsAndSaysSo()
    {
        var said = new List<string>();
        var name = new NameWait(new GroupSettings("g", "shelf-1", Consumer: true));
        name.Waiting += said.Add;

        name.Await(s_taken, s_stopped);

        Assert.Contains("'shelf-1' is taken in group 'g'", Assert.Single(said));
    }

    [Fact]
    public void WhoHadTheNameMeetsATwin()
    {
        var name = new NameWait(new GroupSettings("g", "shelf-1", Consumer: true));
        name.Taken();

        Assert.Contains("Another worker", Assert.Throws<StreamRecException>(() => name.Await(s_taken, s_stopped)).Message);
    }

    [Fact]
    public void AnotherRefusalIsToldAtOnce() => Assert.Throws<StreamRecException>(
        () => new NameWait(new GroupSettings("g", "shelf-1")).Await(new Error(ErrorCode.FencedInstanceId), s_stopped));
}
