using StreamRec.Delivery.Ports;
using StreamRec.Kafka;
using StreamRec.Kafka.Producing;

namespace StreamRec.Tests.Kafka;

public sealed class DeadLetterPublisherTests
{
    /// <summary>The batch goes on once it returns, and the letters would be lost with the process.</summary>
    [Fact]
    public async Task No_letter_counts_as_kept_before_a_broker_has_it()
    {
        using var publisher = new DeadLetterPublisher(new KafkaSettings("127.0.0.1:1"), "letters");
        using var cancel = new CancellationTokenSource();
        var record = new LogRecord(0, 0, 1767225600250, "u"u8.ToArray(), "{}"u8.ToArray());

        var published = publisher.PublishAsync(
            new("clicks", 0, "uuid", 1, "g"),
            [new DeadLetter(record, "malformed_json", "why")],
            cancel.Token
        );

        Assert.False(published.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => published);
    }
}
