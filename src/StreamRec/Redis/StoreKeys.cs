using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Pipeline;

namespace StreamRec.Redis;

/// <summary>Names of the keys, as in schemas/redis-keys.md. A partition's keys share a hash tag, and so a slot.</summary>
internal sealed class StoreKeys(string prefix)
{
    private readonly ListKeys _lists = new(prefix);

    public RedisKey Meta(PartitionIdentity p) => $"{prefix}:meta:{{{p.Topic}:{p.Partition}}}";

    public RedisKey State(PartitionIdentity p, string user) => $"{prefix}:state:{{{p.Topic}:{p.Partition}}}:{user}";

    public RedisKey Dirty(PartitionIdentity p) => $"{prefix}:dirty:{{{p.Topic}:{p.Partition}}}";

    public RedisKey List(string user) => _lists.List(user);

    public RedisKey Popular => _lists.Popular;
}
