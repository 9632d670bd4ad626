using System.IO.Hashing;
using StreamRec.Client;

namespace StreamRec.Kafka.Producing;

/// <summary>The hash by which the topic's producers choose a key's partition.</summary>
internal static class KeyHash
{
    public const string Murmur2Name = EventPartitioners.Murmur2Name,
        Crc32Name = EventPartitioners.Crc32Name,
        AnyName = "any";

    /// <summary>The partition of a key, given the number of partitions; -1 where any will do.</summary>
    public static Func<ReadOnlySpan<byte>, int, int> PartitionOf(string name) =>
        name switch
        {
            Murmur2Name => Murmur2.Partition,
            Crc32Name => (key, partitions) => (int)(Crc32.HashToUInt32(key) % (uint)partitions),
            _ => (_, _) => -1,
        };

    /// <summary>What a producer must be told to set, so that its keys go where the worker expects them.</summary>
    public static string AdviceOf(string name) =>
        name == Crc32Name
            ? "CRC32 (librdkafka: partitioner=consistent_random)"
            : "murmur2 (librdkafka: partitioner=murmur2_random)";

    /// <summary>
    /// How this program's own producer hashes where the worker is told so: by murmur2 where it takes any.
    /// </summary>
    public static EventPartitioner Producer(string name) => EventPartitioners.Parse(name) ?? EventPartitioner.Murmur2;
}
