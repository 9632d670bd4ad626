using Confluent.Kafka;
using StreamRec.Kafka.Consuming;

namespace StreamRec.Tests.Kafka;

public sealed class NameWaitTests
{
    private static readonly Error s_taken = new(ErrorCode.UnreleasedInstanceId);
    private static readonly CancellationToken s_stopped = new(canceled: true);

    [Fact]
    public void Who_comes_to_a_taken_name_waits_and_says_so()
    {
        var said = new List<string>();
        var name = new NameWait(new GroupSettings("g", "shelf-1", Consumer: true));
        name.Waiting += said.Add;

        name.Await(s_taken, s_stopped);

        Assert.Contains("'shelf-1' is taken in group 'g'", Assert.Single(said));
    }

    [Fact]
    public void Who_had_the_name_meets_a_twin()
    {
        var name = new NameWait(new GroupSettings("g", "shelf-1", Consumer: true));
        name.Taken();

        Assert.Contains(
            "Another worker",
            Assert.Throws<StreamRecException>(() => name.Await(s_taken, s_stopped)).Message
        );
    }

    [Fact]
    public void Another_refusal_is_told_at_once() =>
        Assert.Throws<StreamRecException>(() =>
            new NameWait(new GroupSettings("g", "shelf-1")).Await(new Error(ErrorCode.FencedInstanceId), s_stopped)
        );
}
