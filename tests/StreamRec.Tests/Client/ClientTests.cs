using Confluent.Kafka;
using StreamRec.Client;
using StreamRec.Client.Kafka;
using StreamRec.Embedded;
using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;
using StreamRec.Lists;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Client;

/// <summary>What other teams use, against the embedded servers.</summary>
public class ClientTests
{
    private static readonly ClickEvent s_click = new(
        "e1",
        "user-42",
        "i",
        "click",
        1767225600250,
        "s",
        new Shown("list", "m", 3)
    );

    [Fact]
    public void A_list_of_what_it_needs_alone_is_read_and_what_it_has_beyond_is_passed_over()
    {
        var list = PublishedList.Parse(
            "{\"format\":1,\"kind\":\"new\",\"model\":\"m\",\"items\":[\"a\"],\"scores\":[2],\"more\":{\"x\":[1]}}"u8
        );

        Assert.Equal(["a"], list.Items);
        Assert.Equal(
            ("new", "", 0, null, null),
            (list.Kind, list.Options, list.WrittenAtMs, list.LastEvent, list.Through)
        );
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[]")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[]} x")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[],}")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":null,\"scores\":[]}")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[\"\\ud800\"],\"scores\":[1]}")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[1],\"scores\":[1]}")]
    [InlineData("{\"format\":1.5,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[]}")]
    [InlineData("{\"format\":4294967297,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[]}")]
    [InlineData("{\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[]}")]
    [InlineData("null")]
    [InlineData("not json")]
    [InlineData("{\"format\":2,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[]}")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[\"a\"],\"scores\":[]}")]
    [InlineData("{\"format\":1,\"kind\":null,\"model\":\"m\",\"items\":[],\"scores\":[]}")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[null],\"scores\":[1]}")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[\"a\"],\"scores\":[1e39]}")]
    [InlineData("{\"format\":1,\"kind\":\"model\",\"model\":\"m\",\"items\":[],\"scores\":[],\"through\":{}}")]
    public void What_is_no_list_is_refused(string json)
    {
        Assert.Throws<InvalidDataException>(() => PublishedList.Parse(System.Text.Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData(EventPartitioner.Murmur2, KeyHash.Murmur2Name)]
    [InlineData(EventPartitioner.Crc32, KeyHash.Crc32Name)]
    public async Task An_event_lies_where_the_worker_expects_it(EventPartitioner partitioner, string workers)
    {
        using var broker = EmbeddedBroker.Start(7);
        var config = new ClientConfig { BootstrapServers = broker.Address };
        using var publisher = new EventPublisher(config, "clicks", partitioner) { Identifies = false };

        var place = await publisher.PublishAsync(s_click);

        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig(config) { GroupId = "test" }
        ).Build();
        consumer.Assign(new TopicPartitionOffset("clicks", place.Partition, place.Offset));
        var record = consumer.Consume(TimeSpan.FromSeconds(30));
        Assert.Equal(s_click.UserId, System.Text.Encoding.UTF8.GetString(record.Message.Key));
        Assert.True(EventJson.TryParse(record.Message.Value, out var read, out _));
        Assert.Equal(s_click, read);
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata("clicks", TimeSpan.FromSeconds(30)).Topics[0].Partitions.Count;
        Assert.Equal(KeyHash.PartitionOf(workers)(record.Message.Key, partitions), place.Partition);
        Assert.Equal(partitioner, KeyHash.Producer(workers));
    }

    [Fact]
    public async Task Many_at_once_all_arrive()
    {
        using var broker = EmbeddedBroker.Start(2);
        var settings = new KafkaSettings(broker.Address);
        using var publisher = new EventPublisher(settings.Apply(new ClientConfig()), "clicks");
        for (var i = 0; i < 3_000; i++)
        {
            publisher.Enqueue(s_click with { EventId = $"e{i}", UserId = $"u{i % 50}" });
        }
        Assert.Equal(0, publisher.Flush(TimeSpan.FromMinutes(1)));

        var read = await Task.Run(() =>
            new TopicReader(settings, "clicks")
                .Values()
                .Select(v => EventJson.TryParse(v.Value, out var click, out _) ? click.EventId : "bad")
                .ToList()
        );
        Assert.Equal(3_000, read.Distinct().Count());
    }

    [Fact]
    public void A_failure_is_told_by_one_flush_only()
    {
        var config = new ClientConfig { BootstrapServers = "127.0.0.1:1" };
        config.Set("message.timeout.ms", "100");
        using var publisher = new EventPublisher(config, "clicks");
        publisher.Enqueue(s_click);

        Assert.Equal(1, publisher.Flush(TimeSpan.FromMinutes(1)));
        Assert.NotNull(publisher.FirstFailure);

        Assert.Equal(0, publisher.Flush(TimeSpan.FromMinutes(1)));
        Assert.Null(publisher.FirstFailure);
    }

    [Fact]
    public void An_event_that_is_too_large_is_named()
    {
        using var broker = EmbeddedBroker.Start(1);
        var config = new ClientConfig { BootstrapServers = broker.Address };
        config.Set("message.max.bytes", "1000");
        using var publisher = new EventPublisher(config, "clicks");
        publisher.Enqueue(s_click);
        publisher.Enqueue(
            s_click with
            {
                EventId = "large",
                SessionId = new string('"', 128),
                ItemId = new string('"', 128),
                UserId = new string('"', 128),
                Shown = new Shown(new string('"', 64), new string('"', 64)),
            }
        );

        Assert.Equal(1, publisher.Flush(TimeSpan.FromMinutes(1)));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, publisher.FirstFailure!.Code);
        Assert.Equal("large", publisher.FirstFailed!.Value.EventId);
    }

    [Fact]
    public async Task An_event_that_breaks_the_contract_is_not_sent()
    {
        using var publisher = new EventPublisher(new ClientConfig { BootstrapServers = "127.0.0.1:1" }, "clicks");

        var fault = await Assert.ThrowsAsync<InvalidEventException>(() =>
            publisher.PublishAsync(s_click with { UserId = "" })
        );

        Assert.Equal((EventReason.BadLength, "user_id"), (fault.Error.Reason, fault.Error.Field));
        Assert.Throws<InvalidEventException>(() => publisher.Enqueue(s_click with { TimeMs = 1767225600 }));
    }

    /// <summary>Whatever the rules refuse, the parser refuses for the same reason, and the other way round.</summary>
    [Fact]
    public void Rules_and_parser_agree()
    {
        string?[] texts =
        [
            null,
            "",
            "x",
            new string('x', 32),
            new string('x', 33),
            new string('ü', 64),
            new string('ü', 65),
            "\ud83d",
            "🍵",
        ];
        long[] times = [-1, 0, 1767225600, 1767225600250, 100_000_000_000_001];
        var clicks = texts
            .SelectMany(text =>
                new[]
                {
                    s_click with
                    {
                        EventId = text!,
                    },
                    s_click with
                    {
                        UserId = text!,
                    },
                    s_click with
                    {
                        ItemId = text!,
                    },
                    s_click with
                    {
                        SessionId = text,
                    },
                    s_click with
                    {
                        Shown = new Shown(text, text),
                    },
                }
            )
            .Concat(texts.Where(text => text is not null).Select(text => s_click with { Type = text! }))
            .Concat(times.Select(time => s_click with { TimeMs = time }))
            .Concat(
                new[] { 0, 1, 10_000, 10_001 }.Select(position =>
                    s_click with
                    {
                        Shown = new Shown(Position: position),
                    }
                )
            )
            .ToList();

        Assert.All(
            clicks,
            click =>
            {
                var json = Json(click);
                var parsed = EventJson.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out _, out var error);
                var rule = EventRules.Check(click);
                Assert.True(parsed == rule is null, $"{json}: {error} / {rule}");
                Assert.Equal(error.Field ?? "", rule?.Field ?? "");
                Assert.Equal(error.Reason, rule?.Reason ?? EventReason.None);
            }
        );
    }

    /// <summary>By hand, since a writer would mend what is broken.</summary>
    private static string Json(ClickEvent click)
    {
        static string Quote(string text) =>
            "\"" + text.Replace("\ud83d", text == "\ud83d" ? "\\ud83d" : "\ud83d", StringComparison.Ordinal) + "\"";
        var fields = new List<string>();
        void Add(string name, string? text)
        {
            if (text is not null)
            {
                fields.Add($"\"{name}\":{Quote(text)}");
            }
        }
        Add("event_id", click.EventId);
        Add("user_id", click.UserId);
        Add("item_id", click.ItemId);
        Add("type", click.Type);
        fields.Add($"\"ts\":{click.TimeMs}");
        Add("session_id", click.SessionId);
        var shown = new List<string>();
        if (click.Shown?.List is { } list)
        {
            shown.Add($"\"list\":{Quote(list)}");
        }
        if (click.Shown?.Model is { } model)
        {
            shown.Add($"\"model\":{Quote(model)}");
        }
        if (click.Shown?.Position is { } position)
        {
            shown.Add($"\"position\":{position}");
        }
        fields.Add($"\"shown\":{{{string.Join(',', shown)}}}");
        return "{" + string.Join(',', fields) + "}";
    }
}
