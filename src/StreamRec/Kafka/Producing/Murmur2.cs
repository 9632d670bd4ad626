using System.Buffers.Binary;

namespace StreamRec.Kafka.Producing;

/// <summary>
/// The hash by which Kafka's Java client, and librdkafka's <c>murmur2_random</c>, choose a key's partition.
/// </summary>
internal static class Murmur2
{
    /// <summary>The partition of a key: (murmur2(key) &amp; 0x7fffffff) mod partitions.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (int)(Hash(key) & 0x7fffffff) % partitions;

    /// <summary>32-bit MurmurHash2 with the seed 0x9747b28c.</summary>
    public static uint Hash(ReadOnlySpan<byte> data)
    {
        const uint m = 0x5bd1e995;
        var h = 0x9747b28c ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * m;
            h = (h * m) ^ ((k ^ (k >> 24)) * m);
            data = data[4..];
        }
        for (var i = data.Length - 1; i >= 0; i--)
        {
            h ^= (uint)data[i] << (8 * i);
        }
        if (data.Length > 0)
        {
            h *= m;
        }
        h = (h ^ (h >> 13)) * m;
        return h ^ (h >> 15);
    }
}
