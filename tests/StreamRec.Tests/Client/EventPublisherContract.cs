using Confluent.Kafka;
using StreamRec.Client;
using StreamRec.Client.Kafka;
using StreamRec.Client.Testing;
using StreamRec.Embedded;
using StreamRec.Events;

namespace StreamRec.Tests.Client;

/// <summary>What every publisher does: that to Kafka, and its double.</summary>
public abstract class EventPublisherContract
{
    private static readonly ClickEvent s_click = new("e1", "user-42", "i", "click", 1767225600250);

    private protected abstract IEventPublisher Publisher { get; }

    private protected abstract IEventPublisher Away { get; }

    [Fact]
    public async Task A_users_events_stand_one_after_another_in_one_partition()
    {
        var first = await Publisher.PublishAsync(s_click);
        var second = await Publisher.PublishAsync(s_click with { EventId = "e2" });

        Assert.Equal(first with { Offset = first.Offset + 1 }, second);
        Assert.NotEmpty(first.TopicUuid);
    }

    [Fact]
    public async Task An_event_that_breaks_the_contract_is_not_taken()
    {
        var fault = await Assert.ThrowsAsync<InvalidEventException>(() =>
            Publisher.PublishAsync(s_click with { UserId = "" })
        );

        Assert.Equal((EventReason.BadLength, "user_id"), (fault.Error.Reason, fault.Error.Field));
        Assert.Throws<InvalidEventException>(() => Publisher.Enqueue(s_click with { TimeMs = 1767225600 }));
    }

    [Fact]
    public async Task An_event_that_is_not_taken_is_told()
    {
        await Assert.ThrowsAsync<EventNotPublishedException>(() => Away.PublishAsync(s_click));

        Away.Enqueue(s_click);
        Assert.Equal(1, Away.Flush(TimeSpan.FromMinutes(1)));
        Assert.Equal(0, Away.Flush(TimeSpan.FromMinutes(1)));
    }
}

public sealed class InMemoryPublisherTests : EventPublisherContract
{
    private protected override IEventPublisher Publisher { get; } = new InMemoryPublisher(7);

    private protected override IEventPublisher Away { get; } = new InMemoryPublisher { Fails = true };
}

public sealed class KafkaPublisherTests : EventPublisherContract, IDisposable
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(7);
    private readonly EventPublisher _publisher;
    private readonly EventPublisher _away;

    public KafkaPublisherTests()
    {
        _publisher = new(new ClientConfig { BootstrapServers = _broker.Address }, "clicks") { Identifies = false };
        var config = new ProducerConfig { BootstrapServers = "127.0.0.1:1", MessageTimeoutMs = 100 };
        _away = new(config, "clicks", onLog: _ => { });
    }

    private protected override IEventPublisher Publisher => _publisher;

    private protected override IEventPublisher Away => _away;

    public void Dispose()
    {
        _publisher.Dispose();
        _away.Dispose();
        _broker.Dispose();
    }

    [Theory]
    [InlineData("crc32", "murmur2")]
    [InlineData("murmur2", "crc32")]
    public async Task A_publisher_that_hashes_otherwise_than_the_worker_is_refused(string worker, string own)
    {
        using var publisher = new EventPublisher(
            new ClientConfig { BootstrapServers = _broker.Address },
            "clicks",
            EventPartitioners.Parse(own)!.Value,
            new Worker(EventPartitioners.Parse(worker))
        );
        var click = new ClickEvent("e", "u", "i", "click", 1767225600250);

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => publisher.PublishAsync(click));

        Assert.Contains($"set the publisher's partitioner to {worker}", fault.Message);
    }

    [Fact]
    public async Task A_publisher_that_hashes_as_the_worker_publishes_and_so_does_one_before_any_worker()
    {
        foreach (var worker in new[] { EventPartitioner.Murmur2, (EventPartitioner?)null })
        {
            using var publisher = new EventPublisher(
                new ClientConfig { BootstrapServers = _broker.Address },
                "clicks",
                workers: new Worker(worker)
            )
            {
                Identifies = false,
            };

            var place = await publisher.PublishAsync(new ClickEvent("e", "u", "i", "click", 1767225600250));

            Assert.True(place.Offset >= 0);
        }
    }

    [Theory]
    [InlineData("consistent_random", EventPartitioner.Murmur2)]
    [InlineData("murmur2_random", EventPartitioner.Crc32)]
    [InlineData("fnv1a", EventPartitioner.Crc32)]
    public void A_partitioner_in_the_configuration_that_says_otherwise_is_refused(string set, EventPartitioner own)
    {
        var config = new ClientConfig { BootstrapServers = "127.0.0.1:1" };
        config.Set("partitioner", set);

        var fault = Assert.Throws<ArgumentException>(() => new EventPublisher(config, "clicks", own));

        Assert.Contains($"'{set}'", fault.Message);
    }

    [Fact]
    public async Task A_worker_that_takes_any_hash_is_not_asked_at_every_event()
    {
        var worker = new Worker(null);
        using var publisher = new EventPublisher(
            new ClientConfig { BootstrapServers = _broker.Address },
            "clicks",
            workers: worker
        )
        {
            Identifies = false,
        };

        for (var i = 0; i < 3; i++)
        {
            await publisher.PublishAsync(new ClickEvent($"e{i}", "u", "i", "click", 1767225600250));
        }
        Assert.Equal(1, worker.Asked);
    }

    private sealed class Worker(EventPartitioner? partitioner) : IPartitionerSource
    {
        public int Asked { get; private set; }

        public Task<EventPartitioner?> PartitionerAsync(string topic, CancellationToken cancel = default)
        {
            Asked++;
            return Task.FromResult(partitioner);
        }
    }
}
