using System.Reflection;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using StreamRec.Embedded;
using StreamRec.Hosting.Start;
using StreamRec.Hosting.Watches;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;

namespace StreamRec.Tests.Hosting;

public sealed class EndWatchTests
{
    private static readonly KafkaSettings s_nobody = new("127.0.0.1:1");
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task A_kafka_that_does_not_tell_the_ends_is_said_to_be_unreachable()
    {
        var retry = new StartRetry(TimeSpan.Zero, TimeProvider.System, NullLogger.Instance);
        var watch = new EndWatch(
            new LogProbe(s_nobody, "g", s_short),
            new TopicFacts("clicks", "uuid", 1),
            "g",
            null!,
            "p",
            lists: false,
            () => true,
            retry,
            TimeProvider.System
        );

        var fault = await Assert.ThrowsAsync<StreamRecException>(() => watch.ReachedAsync(default));

        Assert.Equal((FaultKind.Unreachable, true), (fault.Kind, fault.Transient));
        Assert.Contains("127.0.0.1:1", fault.Message);
    }

    [Fact]
    public void Neither_does_a_start_raise_the_clients_own_exception()
    {
        var probe = new LogProbe(s_nobody, "g", s_short);

        var fault = Assert.Throws<StreamRecException>(() => probe.Start(new TopicPartition("clicks", 0), default));

        Assert.Equal(FaultKind.Unreachable, fault.Kind);
    }

    /// <summary>
    /// What stands in the store may be of another group, or of a topic that is gone: its offsets say nothing of this
    /// one.
    /// </summary>
    [Theory]
    [InlineData("group", "another")]
    [InlineData("topic_uuid", "another")]
    [InlineData("partitions", "1000")]
    [InlineData("recovering", "recovery-1")]
    [InlineData("next", "0")]
    [InlineData("next", null)]
    [InlineData("dirty", "u")]
    [InlineData("looked", "no")]
    public async Task The_end_is_reached_only_by_what_is_of_this_group_and_topic(string field, string? value)
    {
        using var broker = EmbeddedBroker.Start();
        var settings = new KafkaSettings(broker.Address);
        using var inspector = new TopicInspector(settings);
        var topic = await inspector.DescribeAsync("clicks", Confluent.Kafka.Admin.AclOperation.Read, identify: false);
        using (
            var producer = new ProducerBuilder<Null, string>(
                new ProducerConfig { BootstrapServers = broker.Address }
            ).Build()
        )
        {
            await producer.ProduceAsync(new TopicPartition("clicks", 0), new Message<Null, string> { Value = "v" });
        }
        var meta = new Dictionary<string, string?>
        {
            ["group"] = "g",
            ["topic_uuid"] = topic.Uuid,
            ["partitions"] = $"{topic.Partitions}",
            ["recovering"] = null,
            ["next"] = "1",
            ["dirty"] = null,
            ["looked"] = null,
        };
        var store = DispatchProxy.Create<IDatabase, Meta>();
        var (time, looks) = (new FakeTimeProvider(), 0);
        // As it stands there at the first look; at the second all is well.
        string? Look(string asked)
        {
            looks += asked == "looked" ? 1 : 0;
            return asked == field && looks <= 1 ? value : meta[asked];
        }
        ((Meta)(object)store).Of = Look;
        var watch = new EndWatch(
            new LogProbe(settings, "g"),
            topic,
            "g",
            store,
            "p",
            lists: true,
            () => Look("looked") is null,
            new StartRetry(TimeSpan.Zero, time, NullLogger.Instance),
            time
        );

        var reached = watch.ReachedAsync(default);
        while (!reached.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await reached;

        Assert.Equal(2, looks);
    }

    /// <summary>A store of which only the fields of meta and the dirty users are asked.</summary>
    private class Meta : DispatchProxy
    {
        public Func<string, string?>? Of { get; set; }

        protected override object? Invoke(MethodInfo? method, object?[]? arguments) =>
            method!.Name == nameof(IDatabase.HashGetAsync)
                ? Task.FromResult(Array.ConvertAll((RedisValue[])arguments![1]!, field => (RedisValue)Of!(field!)))
                : Task.FromResult((RedisValue)Of!("dirty"));
    }
}
