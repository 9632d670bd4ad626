using System.Security.Cryptography;
using Confluent.Kafka;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Embedded;
using StreamRec.Events;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;

namespace StreamRec.Tests.Contracts;

/// <summary>schemas/dead-letter.md, the reasons and the publisher say the same.</summary>
public class DeadLetterContractTests
{
    private const string Page = "dead-letter.md";

    [Fact]
    public void The_page_has_every_reason_and_no_other()
    {
        var codes = Enum.GetValues<EventReason>().Where(reason => reason != EventReason.None).Select(EventReasons.Code);

        Assert.Equal(codes.Order(), ContractFiles.Rows(Page, "## Reasons").Keys.Order());
    }

    [Fact]
    public async Task A_letter_is_the_record_with_the_headers_of_the_page()
    {
        using var broker = EmbeddedBroker.Start(1);
        var settings = new KafkaSettings(broker.Address);
        using var publisher = new DeadLetterPublisher(settings, "clicks.dead-letters");
        var partition = new PartitionIdentity("clicks", 3, "uuid-1", 4, "group");
        byte[] key = [0xFF, 0],
            value = [.. "not json "u8, 0xC3];

        await publisher.PublishAsync(
            partition,
            [new DeadLetter(new LogRecord(77, 2, 1767225600250, key, value), "malformed_json", "Not valid JSON.")],
            default
        );

        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            settings.Apply(new ConsumerConfig { GroupId = "test" })
        ).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        consumer.Assign(
            admin
                .GetMetadata("clicks.dead-letters", TimeSpan.FromSeconds(30))
                .Topics[0]
                .Partitions.Select(p => new TopicPartitionOffset(
                    "clicks.dead-letters",
                    p.PartitionId,
                    Offset.Beginning
                ))
        );
        var letter = consumer.Consume(TimeSpan.FromSeconds(30)).Message;
        Assert.Equal(key, letter.Key);
        Assert.Equal(value, letter.Value);
        var headers = letter.Headers.ToDictionary(
            h => h.Key,
            h => System.Text.Encoding.UTF8.GetString(h.GetValueBytes())
        );
        Assert.Equal(
            ContractFiles.Rows(Page, "Headers,").Keys.Where(name => name != "streamrec.cut").Order(),
            headers.Keys.Order()
        );
        Assert.Equal(
            ("1", "malformed_json", "Not valid JSON.", "clicks", "uuid-1", "3", "77", "1767225600250", "2", "10"),
            (
                headers["streamrec.format"],
                headers["streamrec.reason"],
                headers["streamrec.message"],
                headers["streamrec.topic"],
                headers["streamrec.topic_uuid"],
                headers["streamrec.partition"],
                headers["streamrec.offset"],
                headers["streamrec.timestamp"],
                headers["streamrec.key_bytes"],
                headers["streamrec.value_bytes"]
            )
        );
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(value)), headers["streamrec.value_sha256"]);
    }
}
