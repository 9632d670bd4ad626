using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Lists;

namespace StreamRec.Redis;

/// <summary>
/// Names of the keys, as in schemas/redis-keys.md. A partition's keys share a hash tag, and so a slot.
/// </summary>
internal sealed class StoreKeys(string prefix)
{
    private readonly ListKeys _lists = new(prefix);

    // What keys of the hot path begin with, in bytes: the client puts the user's id behind it without making a text of
    // both.
    private readonly RedisKey _list = System.Text.Encoding.UTF8.GetBytes(new ListKeys(prefix).List(""));
    private readonly ConcurrentDictionary<(string Topic, int Partition), RedisKey> _states = new();

    public RedisKey Meta(PartitionIdentity p) => Meta(p.Topic, p.Partition);

    public RedisKey Meta(string topic, int partition) => _lists.Meta(topic, partition);

    public RedisKey State(PartitionIdentity p, string user) =>
        ((RedisKey)user).Prepend(
            _states.GetOrAdd(
                (p.Topic, p.Partition),
                static (at, first) =>
                    System.Text.Encoding.UTF8.GetBytes($"{first}:state:{{{at.Topic}:{at.Partition}}}:"),
                prefix
            )
        );

    public RedisKey Dirty(PartitionIdentity p) => Dirty(p.Topic, p.Partition);

    public RedisKey Dirty(string topic, int partition) => $"{prefix}:dirty:{{{topic}:{partition}}}";

    /// <summary>The text of settings that shape a state, by its hash.</summary>
    public RedisKey Settings(string hash) => $"{prefix}:settings:{hash}";

    /// <summary>The text of the options that lists name, by its hash.</summary>
    public RedisKey Options(string hash) => $"{prefix}:options:{hash}";

    /// <summary>The records of a topic whose dead letters were replayed.</summary>
    public RedisKey Replayed(string topic) => $"{prefix}:replayed:{{{topic}}}";

    /// <summary>Matches the states of all partitions of a topic, as SCAN takes it.</summary>
    public RedisValue StatesOf(string topic) => $"{prefix}:state:{{{topic}:*}}:*";

    /// <summary>The partition and the user of a state's key.</summary>
    public (int Partition, string User) ReadState(string topic, string key)
    {
        var number = $"{prefix}:state:{{{topic}:".Length;
        var end = key.IndexOf('}', number);
        return (int.Parse(key.AsSpan(number, end - number), CultureInfo.InvariantCulture), key[(end + 2)..]);
    }

    public RedisKey List(string user) => ((RedisKey)user).Prepend(_list);

    public RedisKey Similar(string item) => _lists.Similar(item);

    /// <summary>Which model's lists of similar items are all written.</summary>
    public RedisKey SimilarMark => $"{prefix}:similar";

    public RedisKey Popular => _lists.Popular;

    public RedisKey PopularOf(string segment) => _lists.PopularOf(segment);

    public RedisKey Withdrawn => _lists.Withdrawn;
}
