using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamRec.Kafka.Producing;
using StreamRec.Kafka.Topics;
using StreamRec.Options;

namespace StreamRec.Doctor;

/// <summary>The newest records of a topic: whether they lie where their keys belong.</summary>
/// <param name="Records">How many were looked at.</param>
/// <param name="ByHash">How many lie in another partition than a hash of the key says, by the hash's name.</param>
/// <param name="NewestMs">The latest timestamp among them; null for none.</param>
internal sealed record StraySample(int Records, IReadOnlyDictionary<string, int> ByHash, long? NewestMs)
{
    private const int Most = 1000;

    public static async Task<StraySample> TakeAsync(
        WorkOptions options,
        TopicMetadata topic,
        TopicInspector inspector,
        CancellationToken cancel
    )
    {
        var count = topic.Partitions.Count;
        var each = Math.Max(1, Most / count);
        var starts = await inspector.OffsetsAsync(topic.Topic, count, OffsetSpec.Earliest(), cancel);
        var ends = await inspector.OffsetsAsync(topic.Topic, count, OffsetSpec.Latest(), cancel);
        var from = starts.Zip(ends, (start, end) => Math.Max(start, end - each)).ToArray();
        return await Task.Run(
            () => Of(new TopicReader(options.KafkaSettings(), topic.Topic, cancel).Records(from), count),
            cancel
        );
    }

    public static StraySample Of(IEnumerable<ConsumeResult<byte[], byte[]>> records, int partitions)
    {
        var read = 0;
        long? newest = null;
        var strays = new Dictionary<string, int> { [KeyHash.Murmur2Name] = 0, [KeyHash.Crc32Name] = 0 };
        foreach (var record in records)
        {
            read++;
            newest = Math.Max(newest ?? long.MinValue, record.Message.Timestamp.UnixTimestampMs);
            foreach (var hash in strays.Keys)
            {
                var place = KeyHash.PartitionOf(hash)(record.Message.Key ?? [], partitions);
                strays[hash] += place == record.Partition.Value ? 0 : 1;
            }
        }
        return new(read, strays, newest);
    }

    public Finding Strays(WorkOptions options)
    {
        const string Check = "kafka.strays";
        if (options.Partitioner == KeyHash.AnyName)
        {
            return Finding.Ok(Check, "the worker takes keys in any partition (--partitioner any)");
        }
        var strays = ByHash[options.Partitioner];
        var seen = string.Create(
            CultureInfo.InvariantCulture,
            $"{strays} of the newest {Records} records lie in another partition than {options.Partitioner} of their "
                + $"key says"
        );
        if (strays == 0)
        {
            return Finding.Ok(Check, seen);
        }
        var other = options.Partitioner == KeyHash.Murmur2Name ? KeyHash.Crc32Name : KeyHash.Murmur2Name;
        return ByHash[other] == 0
            ? Finding.Fail(Check, $"{seen}, and none than {other} says", $"export STREAMREC__PARTITIONER={other}")
            : Finding.Fail(
                Check,
                $"{seen}: set every producer's partitioner to {KeyHash.AdviceOf(options.Partitioner)}; until then",
                $"export STREAMREC__STRAYS={WorkOptions.ReRoute}"
            );
    }
}
