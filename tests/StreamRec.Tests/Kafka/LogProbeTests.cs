using Confluent.Kafka;
using StreamRec.Delivery.Protocol;
using StreamRec.Embedded;
using StreamRec.Kafka;
using StreamRec.Kafka.Topics;

namespace StreamRec.Tests.Kafka;

/// <summary>What the broker says of offsets that the consumer did not deliver.</summary>
public sealed class LogProbeTests : IDisposable
{
    // The embedded broker keeps 5 MiB a partition.
    private const int KeptBytes = 5 << 20,
        RecordBytes = 512 << 10;

    private static readonly TopicPartition s_place = new("clicks", 0);

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start(1);

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task Records_that_were_not_delivered_are_no_hole()
    {
        await ProduceAsync(count: 6, bytes: 10);

        Assert.Equal(new GapAnswer(GapVerdict.Records), Probe().Check(s_place, 0, 6));
        Assert.Equal(new GapAnswer(GapVerdict.Records), Probe().Check(s_place, 4, 5));
    }

    [Fact]
    public async Task The_end_of_the_log_holds_nothing()
    {
        await ProduceAsync(count: 6, bytes: 10);

        Assert.Equal(new GapAnswer(GapVerdict.Hole), Probe().Check(s_place, 6, 7));
    }

    [Fact]
    public async Task What_retention_deleted_is_told_with_the_logs_start()
    {
        await ProduceAsync(count: 2 * KeptBytes / RecordBytes, bytes: RecordBytes);
        var (low, high) = Probe().Bounds(s_place);
        Assert.InRange(low, 1, high - 1);

        Assert.Equal(new GapAnswer(GapVerdict.Retention, low), Probe().Check(s_place, 0, high));
        Assert.Equal(new GapAnswer(GapVerdict.Retention, low), Probe().Check(s_place, low - 1, low));
        Assert.Equal(new GapAnswer(GapVerdict.Records), Probe().Check(s_place, low, high));
    }

    [Fact]
    public void A_broker_that_does_not_answer_says_nothing()
    {
        var probe = new LogProbe(new KafkaSettings("127.0.0.1:1"), "g", TimeSpan.FromMilliseconds(200));

        Assert.Equal(new GapAnswer(GapVerdict.Unknown), probe.Check(s_place, 0, 1));
    }

    private LogProbe Probe() => new(new KafkaSettings(_broker.Address), "g");

    private async Task ProduceAsync(int count, int bytes)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(
            new ProducerConfig { BootstrapServers = _broker.Address, LingerMs = 0 }
        ).Build();
        for (var i = 0; i < count; i++)
        {
            await producer.ProduceAsync(s_place, new Message<Null, byte[]> { Value = new byte[bytes] });
        }
    }
}
