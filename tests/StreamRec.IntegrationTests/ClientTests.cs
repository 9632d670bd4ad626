using Confluent.Kafka;
using StreamRec.Client;
using StreamRec.Client.Kafka;
using StreamRec.Events;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>What an application does with the client's packages, against real servers and a worker.</summary>
[Collection(nameof(Servers))]
public sealed class ClientTests(Servers servers)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    [ServerFact]
    public async Task A_reader_sees_the_list_that_includes_the_click_that_was_published()
    {
        var topic = $"client-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 3);
        await servers.Kafka.CreateTopicAsync(topic + ".dead-letters", 1);
        var clicks = EventData
            .Generated(users: 40, items: 40, 200, seed: 9)
            .Select(e => new ClickEvent(e.EventId, e.UserId, e.ItemId, "click", e.TimeMs))
            .ToList();
        await using var reader = await ListReader.ConnectAsync(
            servers.Redis.Address,
            new() { Prefix = topic, ReadTimeout = s_limit / 2 }
        );
        var config = new ClientConfig { BootstrapServers = servers.Kafka.Bootstrap };
        using var publisher = new EventPublisher(config, topic, workers: reader);
        var positions = new List<EventPosition>();
        foreach (var click in clicks)
        {
            positions.Add(await publisher.PublishAsync(click));
        }
        Assert.Single(positions.Select(position => position.TopicUuid).Distinct());
        Assert.NotEqual(topic, positions[0].TopicUuid);
        Assert.False((await reader.WaitForAsync(clicks[^1].UserId, positions[^1], TimeSpan.Zero)).IsIncluded);

        await Streamrec.RunAsync(
            new WorkerSettings(
                await SmallBundle.PathAsync(),
                topic,
                topic,
                servers.Kafka.Bootstrap,
                servers.Redis.Address,
                topic
            )
            {
                Further = ["--until-end", "--partitioner", "murmur2"],
            }.Arguments
        );

        for (var i = 0; i < clicks.Count; i++)
        {
            Assert.True(
                (await reader.WaitForAsync(clicks[i].UserId, positions[i], s_limit)).IsIncluded,
                $"{clicks[i]}"
            );
        }
        Assert.Equal(EventPartitioner.Murmur2, await reader.PartitionerAsync(topic));
        using var other = new EventPublisher(config, topic, EventPartitioner.Crc32, reader);
        await Assert.ThrowsAsync<InvalidOperationException>(() => other.PublishAsync(clicks[0]));
    }
}
