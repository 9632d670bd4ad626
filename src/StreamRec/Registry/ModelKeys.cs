using StackExchange.Redis;

namespace StreamRec.Registry;

/// <summary>
/// Names of the registry's keys, as in schemas/redis-keys.md. All but the workers' own share a hash tag, and so a slot.
/// </summary>
internal sealed class ModelKeys(string prefix)
{
    private readonly string _models = $"{prefix}:{{models}}";

    public RedisKey Live => $"{_models}:live";

    public RedisKey Staged => $"{_models}:staged";

    public RedisKey History => $"{_models}:history";

    /// <summary>The workers that reported last, by their ids.</summary>
    public RedisKey Workers => $"{_models}:workers";

    /// <summary>Gone as soon as the worker is.</summary>
    public RedisKey Worker(string id) => $"{prefix}:worker:{id}";

    /// <summary>The bundles that lie in Redis.</summary>
    public RedisKey Bundles => $"{_models}:bundles";

    /// <summary>A bundle's files: how many bytes each has, and its SHA-256.</summary>
    public RedisKey Files(string digest) => $"{_models}:bundle:{digest}";

    public RedisKey Chunk(string digest, string file, int at) => $"{_models}:chunk:{digest}:{at}:{file}";

    /// <summary>What a worker that follows the pointer does: pairs of a command and a key.</summary>
    public IReadOnlyCollection<string> WorkersRights()
    {
        string live = Live!,
            staged = Staged!,
            workers = Workers!,
            worker = Worker("any")!;
        return ["HMGET", live, "HGET", live, "HSET", live, "HMGET", staged, "HSET", workers, "SET", worker];
    }
}
