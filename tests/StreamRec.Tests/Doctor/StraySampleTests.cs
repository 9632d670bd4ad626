using Confluent.Kafka;
using StreamRec.Doctor;
using StreamRec.Kafka.Producing;
using StreamRec.Options;

namespace StreamRec.Tests.Doctor;

/// <summary>A fleet that hashes keys by another function, and one that is mixed, are told apart.</summary>
public sealed class StraySampleTests
{
    private const int Partitions = 12;

    [Theory]
    [InlineData("murmur2", 0, Level.Ok, null)]
    [InlineData("crc32", 0, Level.Fail, "STREAMREC__PARTITIONER=murmur2")]
    [InlineData("any", 100, Level.Ok, null)]
    [InlineData("murmur2", 100, Level.Fail, "STREAMREC__PARTITIONER=crc32")]
    [InlineData("crc32", 100, Level.Ok, null)]
    [InlineData("murmur2", 50, Level.Fail, "STREAMREC__STRAYS=re-route")]
    public void Where_the_newest_keys_lie_says_by_which_hash(string worker, int byCrc, object level, string? mend)
    {
        var records = Enumerable
            .Range(0, 100)
            .Select(i => Record($"user-{i}", i < byCrc ? KeyHash.Crc32Name : KeyHash.Murmur2Name));

        var finding = StraySample.Of(records, Partitions).Strays(new WorkOptions { Partitioner = worker });

        Assert.Equal(level, finding.Level);
        Assert.Contains(mend ?? "", finding.Mend ?? "");
        Assert.Equal(mend is null, finding.Mend is null);
    }

    private static ConsumeResult<byte[], byte[]> Record(string user, string hash)
    {
        var key = System.Text.Encoding.UTF8.GetBytes(user);
        return new()
        {
            Partition = KeyHash.PartitionOf(hash)(key, Partitions),
            Message = new() { Key = key, Timestamp = new Timestamp(1, TimestampType.CreateTime) },
        };
    }
}
