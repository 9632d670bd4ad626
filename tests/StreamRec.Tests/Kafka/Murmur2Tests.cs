using StreamRec.Kafka.Producing;

namespace StreamRec.Tests.Kafka;

public class Murmur2Tests
{
    // Values of the Java client's own test.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hashes_as_the_java_client(string key, int expected)
    {
        Assert.Equal(expected, unchecked((int)Murmur2.Hash(System.Text.Encoding.UTF8.GetBytes(key))));
    }
}
