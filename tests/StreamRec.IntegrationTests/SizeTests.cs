using Confluent.Kafka;
using StreamRec.Client.Kafka;
using StreamRec.Commands;
using StreamRec.Events;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>
/// A topic's limit on sizes is for batches: what fits by itself arrives, once, and what does not is named or cut.
/// </summary>
[Collection(nameof(Servers))]
public sealed class SizeTests(Servers servers) : IDisposable
{
    private const int Events = 600,
        Letters = 40,
        Limit = 20_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-sizes-");

    public void Dispose() => _directory.Delete(recursive: true);

    [ServerTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_of_batches_that_are_too_large_arrive_once(bool enqueued)
    {
        var topic = await TopicAsync(Limit);
        // As one who may not see the topic's limit.
        var config = new ClientConfig { BootstrapServers = servers.Kafka.Bootstrap };
        using var publisher = new EventPublisher(config, topic);
        var clicks = EventData
            .Generated(users: 40, items: 40, Events, seed: 9)
            .Select(e => new ClickEvent(e.EventId, e.UserId, e.ItemId, "click", e.TimeMs));
        if (enqueued)
        {
            clicks.ToList().ForEach(click => publisher.Enqueue(click));
            Assert.True(publisher.Flush(s_limit) == 0, publisher.FirstFailure?.Reason);
        }
        else
        {
            await Task.WhenAll(clicks.Select(click => publisher.PublishAsync(click)));
        }
        var found = Records(topic).Select(record => System.Text.Encoding.UTF8.GetString(record.Value!)).ToList();
        Assert.Equal(Events, found.Count);
        Assert.Equal(Events, found.Distinct().Count());
    }

    [ServerFact]
    public async Task Produce_fills_a_topic_whose_batches_are_small_and_names_an_event_that_is_too_large()
    {
        var topic = await TopicAsync(Limit);
        var events = EventData.Generated(users: 40, items: 40, Events, seed: 9).ToList();
        await Streamrec.RunAsync(Produce(events, topic));
        Assert.Equal(Events, Records(topic).Count);

        topic = await TopicAsync(400);
        var large = events[7] with
        {
            EventId = new string('e', 128),
            UserId = new string('u', 128),
            ItemId = new string('i', 128),
        };
        var said = await Streamrec.RunAsync(
            Produce([.. events.Take(20), large], topic),
            expected: (int)ExitCode.Unreachable
        );

        Assert.Contains($"1 events are larger than topic '{topic}' takes", said);
        Assert.Contains(large.EventId, said);
        Assert.Equal(20, Records(topic).Count);
    }

    [ServerTheory]
    [InlineData(100_000, 9_000)]
    [InlineData(6_000, 4_096)]
    [InlineData(1_400, 256)]
    public async Task Dead_letters_are_kept_as_whole_as_their_topic_takes_them(int most, int kept)
    {
        var topic = await TopicAsync(1_000_000);
        await servers.Kafka.CreateTopicAsync(topic + ".dead-letters", 1, ("max.message.bytes", $"{most}"));
        var config = new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap };
        using (var producer = new ProducerBuilder<string, byte[]>(config).Build())
        {
            for (var i = 0; i < Letters; i++)
            {
                producer.Produce(topic, new() { Key = $"u{i}", Value = [.. Enumerable.Repeat((byte)'x', 9_000)] });
            }
            producer.Flush(s_limit);
        }
        var settings = new WorkerSettings(
            await SmallBundle.PathAsync(),
            topic,
            topic,
            servers.Kafka.Bootstrap,
            servers.Redis.Address,
            topic
        )
        {
            Further = ["--until-end"],
        };

        await Streamrec.RunAsync(settings.Arguments);

        var letters = Records(topic + ".dead-letters");
        Assert.Equal(Letters, letters.Count);
        Assert.All(letters, letter => Assert.Equal(kept, letter.Value!.Length));
        Assert.Equal(
            Letters,
            letters
                .Select(letter => System.Text.Encoding.UTF8.GetString(letter.Headers.GetLastBytes("streamrec.offset")))
                .Distinct()
                .Count()
        );
    }

    private IReadOnlyList<LoggedRecord> Records(string topic) =>
        TopicLog.Read(servers.Kafka.Bootstrap, topic, 1).Records;

    private string[] Produce(IEnumerable<DataEvent> events, string topic) =>
        ["produce", "--events", Save(events), "--topic", topic, "--bootstrap", servers.Kafka.Bootstrap];

    private string Save(IEnumerable<DataEvent> events)
    {
        var file = Path.Combine(_directory.FullName, $"{Guid.NewGuid():N}.jsonl");
        File.WriteAllLines(file, events.Select(e => e.ToJson()));
        return file;
    }

    private async Task<string> TopicAsync(int most)
    {
        var topic = $"sizes-{Guid.NewGuid():N}";
        await servers.Kafka.CreateTopicAsync(topic, 1, ("max.message.bytes", $"{most}"));
        return topic;
    }
}
