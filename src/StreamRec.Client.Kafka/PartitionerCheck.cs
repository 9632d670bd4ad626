using System.Diagnostics;
using Confluent.Kafka;

namespace StreamRec.Client.Kafka;

/// <summary>
/// Refuses to publish by another hash than the worker's: every event would be a stray, and end as a dead letter.
/// </summary>
internal sealed class PartitionerCheck(string topic, EventPartitioner own, IPartitionerSource? workers)
{
    private static readonly TimeSpan s_again = TimeSpan.FromMinutes(1);

    private volatile bool _agreed = workers is null;
    private long _asked;

    /// <exception cref="ArgumentException">The client's own setting says otherwise than the publisher's.</exception>
    public static void Refuse(ClientConfig config, EventPartitioner own)
    {
        var set = config.FirstOrDefault(pair => pair.Key == "partitioner").Value;
        EventPartitioner? meant = set switch
        {
            "murmur2" or "murmur2_random" => EventPartitioner.Murmur2,
            "consistent" or "consistent_random" => EventPartitioner.Crc32,
            _ => null,
        };
        if (set is not null && meant != own)
        {
            throw new ArgumentException(
                $"The configuration's partitioner is '{set}', and the publisher's is {own.Name()}: "
                    + "leave the first out, and give the publisher the worker's.",
                nameof(config)
            );
        }
    }

    /// <exception cref="InvalidOperationException">The worker expects another hash.</exception>
    public async ValueTask CheckAsync(CancellationToken cancel)
    {
        if (_agreed || (Volatile.Read(ref _asked) is not 0 and var asked && Stopwatch.GetElapsedTime(asked) < s_again))
        {
            return;
        }
        var expected = await workers!.PartitionerAsync(topic, cancel).ConfigureAwait(false);
        if (expected is { } other && other != own)
        {
            throw new InvalidOperationException(
                $"The worker of topic '{topic}' expects keys by {other.Name()}, and this publishes by {own.Name()}: "
                    + $"set the publisher's partitioner to {other.Name()}."
            );
        }
        // Nobody knows it before a worker has run: then an event asks again, though not each.
        _agreed = expected is not null;
        Volatile.Write(ref _asked, Stopwatch.GetTimestamp());
    }
}
