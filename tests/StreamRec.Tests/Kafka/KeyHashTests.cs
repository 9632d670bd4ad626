using StreamRec.Kafka;

namespace StreamRec.Tests.Kafka;

public sealed class KeyHashTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void Crc32IsThatOfZlib(string text, uint expected) =>
        Assert.Equal(expected, KeyHash.Crc32(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void AnyPartitionWillDoWhereNoHashIsConfigured() =>
        Assert.Equal(-1, KeyHash.PartitionOf(KeyHash.AnyName)([1, 2, 3], 8));
}
