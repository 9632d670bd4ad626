using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamRec.Kafka;
using StreamRec.Work;

namespace StreamRec.Tests.Work;

public sealed class EndWatchTests
{
    private static readonly KafkaSettings s_nobody = new("127.0.0.1:1");
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task AKafkaThatDoesNotTellTheEndsIsSaidToBeUnreachable()
    {
        var retry = new StartRetry(TimeSpan.Zero, TimeProvider.System, NullLogger.Instance);
        var watch = new EndWatch(new LogProbe(s_nobody, "g", s_short), new TopicFacts("clicks", "uuid", 1), "g", null!, "p", lists: false, retry, TimeProvider.System);

        var fault = await Assert.ThrowsAsync<StreamRecException>(() => watch.ReachedAsync(default));

        Assert.Equal((ExitCode.Unreachable, true), (fault.Code, fault.Transient));
        Assert.Contains("127.0.0.1:1", fault.Message);
    }

    [Fact]
    public void NeitherDoesAStartRaiseTheClientsOwnException()
    {
        var probe = new LogProbe(s_nobody, "g", s_short);

        var fault = Assert.Throws<StreamRecException>(() => probe.Start(new TopicPartition("clicks", 0), default));

        Assert.Equal(ExitCode.Unreachable, fault.Code);
    }
}
