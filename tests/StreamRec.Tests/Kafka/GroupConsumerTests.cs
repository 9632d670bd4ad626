using StreamRec.Kafka;
using StreamRec.Kafka.Consuming;

namespace StreamRec.Tests.Kafka;

public sealed class GroupConsumerTests
{
    [Theory]
    [InlineData("session.timeout.ms", "group.consumer.session.timeout.ms")]
    [InlineData("heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms")]
    public void What_the_broker_decides_is_refused_under_the_consumer_protocol(string name, string brokers)
    {
        var settings = new KafkaSettings("k:1", new Dictionary<string, string> { [name] = "9000" });

        var fault = Assert.Throws<StreamRecException>(() =>
            GroupConsumer.Configure(settings, new GroupSettings("g", Consumer: true))
        );

        Assert.Contains(name, fault.Message);
        Assert.Contains(brokers, fault.Message);
        Assert.Equal("g", GroupConsumer.Configure(settings, new GroupSettings("g")).GroupId);
    }

    /// <summary>
    /// A row of the fault matrix shows the first on a real broker: the embedded one has no transactions.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_read_that_is_not_committed_and_no_offset_is_made_up(bool consumer)
    {
        var config = GroupConsumer.Configure(new KafkaSettings("k:1"), new GroupSettings("g", Consumer: consumer));

        Assert.Equal(Confluent.Kafka.IsolationLevel.ReadCommitted, config.IsolationLevel);
        Assert.Equal(Confluent.Kafka.AutoOffsetReset.Error, config.AutoOffsetReset);
        Assert.False(config.EnableAutoOffsetStore);
    }

    [Fact]
    public void The_brokers_assignor_is_refused_under_the_classic_protocol()
    {
        var settings = new KafkaSettings("k:1", new Dictionary<string, string> { ["group.remote.assignor"] = "range" });

        Assert.Throws<StreamRecException>(() => GroupConsumer.Configure(settings, new GroupSettings("g")));
    }

    [Fact]
    public void A_twin_is_told_by_name()
    {
        var fault = GroupConsumer.Explain(
            new Confluent.Kafka.Error(Confluent.Kafka.ErrorCode.FencedInstanceId),
            new GroupSettings("g", "shelf-1")
        );

        Assert.Contains("shelf-1", fault.Message);
        Assert.Contains("--group-instance-id", fault.Message);
    }

    [Fact]
    public void A_mix_of_protocols_is_named()
    {
        var fault = GroupConsumer.Explain(
            new Confluent.Kafka.Error(Confluent.Kafka.ErrorCode.GroupIdNotFound),
            new GroupSettings("g", Consumer: true)
        );

        Assert.Contains("group 'g' under the consumer protocol", fault.Message);
        Assert.Contains("Stop them all", fault.Message);
    }
}
