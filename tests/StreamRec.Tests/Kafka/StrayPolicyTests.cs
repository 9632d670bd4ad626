using Confluent.Kafka;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Embedded;
using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;

namespace StreamRec.Tests.Kafka;

public sealed class StrayPolicyTests
{
    private const string Topic = "clicks";

    [Fact]
    public async Task Strays_are_not_re_routed_while_the_dead_letter_topic_is_away()
    {
        using var broker = EmbeddedBroker.Start(2);
        var settings = new KafkaSettings(broker.Address);
        using var inspector = new TopicInspector(settings);
        var facts = await inspector.DescribeAsync(Topic, Confluent.Kafka.Admin.AclOperation.Read, identify: false);
        var letters = new Refusing(times: 3);
        using var policy = new StrayPolicy(letters, inspector, settings, (_, _) => 1, reRoute: true, _ => { });
        var partition = new PartitionIdentity(Topic, 0, facts.Uuid, facts.Partitions, "g");
        DeadLetter[] batch = [Letter(0, EventReason.StrayPartition), Letter(1, EventReason.MalformedJson)];

        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Assert.ThrowsAsync<IOException>(() => policy.PublishAsync(partition, batch, default));
        }
        await policy.PublishAsync(partition, batch, default);

        Assert.Equal([1], letters.Kept);
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = broker.Address, GroupId = "test" }
        ).Build();
        Assert.Equal(
            1,
            consumer.QueryWatermarkOffsets(new TopicPartition(Topic, 1), TimeSpan.FromSeconds(30)).High.Value
        );
    }

    /// <summary>
    /// A producer that knows of new partitions makes no strays: nothing is kept or moved, and the worker is told to
    /// halt.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Before_strays_are_kept_the_topic_is_looked_at_again(bool reRoute)
    {
        using var broker = EmbeddedBroker.Start(2);
        var settings = new KafkaSettings(broker.Address);
        using var inspector = new TopicInspector(settings);
        var facts = await inspector.DescribeAsync(Topic, Confluent.Kafka.Admin.AclOperation.Read, identify: false);
        var letters = new Refusing(times: 0);
        var changes = new List<TopicFacts>();
        using var policy = new StrayPolicy(letters, inspector, settings, (_, _) => 1, reRoute, changes.Add);
        var partition = new PartitionIdentity(Topic, 0, facts.Uuid, facts.Partitions - 1, "g");

        await Assert.ThrowsAsync<IOException>(() =>
            policy.PublishAsync(partition, [Letter(0, EventReason.StrayPartition)], default)
        );

        Assert.Empty(letters.Kept);
        Assert.Equal(facts, Assert.Single(changes));
        await policy.PublishAsync(partition, [Letter(1, EventReason.MalformedJson)], default);
        Assert.Equal([1], letters.Kept);
    }

    private static DeadLetter Letter(long offset, EventReason reason) =>
        new(new LogRecord(offset, 0, 1767225600250, "u"u8.ToArray(), "{}"u8.ToArray()), reason.Code(), "why");

    private sealed class Refusing(int times) : IDeadLetters
    {
        private int _left = times;

        public List<long> Kept { get; } = [];

        public Task PublishAsync(
            PartitionIdentity partition,
            IReadOnlyList<DeadLetter> letters,
            CancellationToken cancel
        )
        {
            if (_left-- > 0)
            {
                throw new IOException("away");
            }
            Kept.AddRange(letters.Select(letter => letter.Record.Offset));
            return Task.CompletedTask;
        }
    }
}
