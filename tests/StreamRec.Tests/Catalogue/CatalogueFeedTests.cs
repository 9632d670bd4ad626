using Confluent.Kafka;
using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Embedded;
using StreamRec.Kafka;
using StreamRec.Kafka.Catalogue;
using StreamRec.Kafka.Topics;
using StreamRec.Testing.Servers;

namespace StreamRec.Tests.Catalogue;

/// <summary>A catalogue's topic as it is read: to its end first, then what comes.</summary>
public sealed class CatalogueFeedTests : IDisposable
{
    private static readonly TopicPartition s_place = new("shop.items", 0);

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(1);
    private readonly List<DeadLetter> _refused = [];

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task All_that_is_there_is_read_before_anything_is_shown_and_then_what_comes()
    {
        await WriteAsync(("a", "{}"), ("b", "{}"), ("a", null), ("c", "{"));
        using var feed = new CatalogueFeed(
            new KafkaSettings(_broker.Address),
            new TopicFacts(s_place.Topic, "uuid", 1),
            _refused.Add,
            TimeProvider.System
        );
        Assert.Null(feed.View());

        feed.ReadToEnd(default);

        var view = feed.View()!;
        Assert.Equal((3, 1), (view.Version!.Value.Offset, feed.Items));
        Assert.Equal("b", string.Concat(((string[])["a", "b", "c"]).Where(id => view.Eligible.Holds(id, 0))));
        var letter = Assert.Single(_refused);
        Assert.Equal((3, "malformed_json"), (letter.Record.Offset, letter.Reason));
        Assert.True(feed.IsAtEnd());

        await WriteAsync(("c", "{}"));
        Assert.False(feed.IsAtEnd());
        await Wait.UntilAsync(
            "the record is read",
            () => feed.ReadFor(TimeSpan.FromMilliseconds(50), default) && feed.View()!.Version!.Value.Offset == 4,
            TimeSpan.FromMinutes(1)
        );
        Assert.True(feed.View()!.Eligible.Holds("c", 0));
        Assert.False(view.Eligible.Holds("c", 0));
        Assert.True(feed.IsAtEnd());
    }

    [Fact]
    public async Task What_a_filter_keeps_from_lists_is_read_all_the_same()
    {
        await WriteAsync(("a", """{"categories":["tea"]}"""), ("b", """{"categories":["adult"]}"""));
        using var feed = new CatalogueFeed(
            new KafkaSettings(_broker.Address),
            new TopicFacts(s_place.Topic, "uuid", 1),
            _refused.Add,
            TimeProvider.System,
            filter: ItemFilter.Parse("", "adult", "")
        );

        feed.ReadToEnd(default);

        var eligible = feed.View()!.Eligible;
        Assert.Equal((2, true, false), (feed.Items, eligible.Holds("a", 0), eligible.Holds("b", 0)));
        Assert.False(eligible.IsWithdrawn("b"));
    }

    [Fact]
    public void Kafka_that_does_not_answer_is_told_and_may_be_waited_for()
    {
        using var feed = new CatalogueFeed(
            new KafkaSettings("127.0.0.1:1").LogTo(
                Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
                TimeProvider.System
            ),
            new TopicFacts(s_place.Topic, "uuid", 1),
            _refused.Add,
            TimeProvider.System,
            TimeSpan.FromMilliseconds(200)
        );

        Assert.False(feed.IsAtEnd());
        var fault = Assert.Throws<StreamRecException>(() => feed.ReadToEnd(default));
        Assert.Equal((FaultKind.Unreachable, true), (fault.Kind, fault.Transient));
        Assert.Null(feed.View());
    }

    private async Task WriteAsync(params (string Key, string? Value)[] records)
    {
        using var producer = new ProducerBuilder<string, string?>(
            new ProducerConfig { BootstrapServers = _broker.Address }
        ).Build();
        foreach (var (key, value) in records)
        {
            await producer.ProduceAsync(s_place, new() { Key = key, Value = value });
        }
    }
}
