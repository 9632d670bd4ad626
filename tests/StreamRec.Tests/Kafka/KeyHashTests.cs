using StreamRec.Delivery.Ports;
using StreamRec.Kafka.Producing;
using StreamRec.Serving;

namespace StreamRec.Tests.Kafka;

public sealed class KeyHashTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void Crc32_is_that_of_zlib(string text, uint expected) =>
        Assert.Equal(
            (int)(expected % 1009),
            KeyHash.PartitionOf(KeyHash.Crc32Name)(System.Text.Encoding.UTF8.GetBytes(text), 1009)
        );

    [Fact]
    public void Any_partition_will_do_where_no_hash_is_configured() =>
        Assert.Equal(-1, KeyHash.PartitionOf(KeyHash.AnyName)([1, 2, 3], 8));

    [Theory]
    [InlineData(KeyHash.Murmur2Name, "murmur2_random")]
    [InlineData(KeyHash.Crc32Name, "consistent_random")]
    public void A_strays_producer_is_told_the_configured_hash(string name, string expected)
    {
        var reader = new RecordReader(
            new ServingOptions { StrayAdvice = KeyHash.AdviceOf(name) },
            KeyHash.PartitionOf(name)
        );
        var value = """{"event_id":"e","user_id":"u","item_id":"i","ts":1767225600250}"""u8.ToArray();

        var letters = Enumerable
            .Range(0, 4)
            .Select(partition =>
            {
                reader.TryRead(
                    new("clicks", partition, "uuid", 4, "g"),
                    new(0, 0, 1767225600250, "u"u8.ToArray(), value),
                    out _,
                    out var letter
                );
                return letter;
            })
            .OfType<DeadLetter>()
            .ToList();

        Assert.Equal(3, letters.Count);
        Assert.All(letters, letter => Assert.Contains($"partitioner={expected}", letter.Message));
    }
}
