using StreamRec.Client;
using StreamRec.Kafka;
using StreamRec.Redis;

namespace StreamRec.Settings;

/// <summary>
/// How to reach Kafka and Redis: the same for every command. Read from the section <c>StreamRec</c> of appsettings.json,
/// then from the environment (<c>STREAMREC__REDISTLS=true</c>), then from the command line; the later wins.
/// </summary>
public class ServerOptions
{
    /// <summary>Kafka bootstrap servers, host:port, commas between. Default localhost:9092.</summary>
    public string Bootstrap { get; set; } = "localhost:9092";

    /// <summary>Redis, host:port, commas between. Default localhost:6379.</summary>
    public string Redis { get; set; } = "localhost:6379";

    /// <summary>First part of every Redis key; no colon. Default streamrec.</summary>
    public string Prefix { get; set; } = "streamrec";

    /// <summary>
    /// By which hash of the key producers choose partitions: murmur2, crc32 (librdkafka's consistent), or any. Default
    /// murmur2.
    /// </summary>
    public string Partitioner { get; set; } = KeyHash.Murmur2Name;

    /// <summary>
    /// Further librdkafka settings, by name: <c>sasl.password</c>, or in capitals with underscores, as an environment
    /// variable must be: <c>STREAMREC__KAFKA__SASL_PASSWORD</c>. Never logged.
    /// </summary>
    public Dictionary<string, string> Kafka { get; set; } = [];

    /// <summary>User of the Redis ACL. Default none.</summary>
    public string RedisUser { get; set; } = "";

    /// <summary>Password of Redis. Default none. Never logged.</summary>
    public string RedisPassword { get; set; } = "";

    /// <summary>Speak TLS to Redis. Default no, unless one of the next three is given.</summary>
    public bool RedisTls { get; set; }

    /// <summary>PEM file of the authority that signed Redis's certificate. Default: those that the system trusts.</summary>
    public string RedisCa { get; set; } = "";

    /// <summary>PEM file of the certificate that this client shows to Redis. Default none.</summary>
    public string RedisCertificate { get; set; } = "";

    /// <summary>PEM file of that certificate's key. Default: it stands in the certificate's file.</summary>
    public string RedisKey { get; set; } = "";

    /// <summary>
    /// Redis Cluster: how many replicas of its shard must have a list before the worker forgets that it changed, and all that
    /// `recover` dropped before it ends, 0–10. 0 for shards without replicas: what a failover undoes is then not noticed. Default 1.
    /// </summary>
    public int ListReplicas { get; set; } = 1;

    /// <exception cref="StreamRecException">ListReplicas is out of its range.</exception>
    internal void ValidateListReplicas() => InRange("ListReplicas", ListReplicas, 0, 10);

    /// <exception cref="StreamRecException">It is none.</exception>
    internal void ValidatePrefix()
    {
        if (!ListKeys.IsPrefix(Prefix))
        {
            throw new StreamRecException($"--prefix is '{Prefix}': give {ListKeys.PrefixRule}.", ExitCode.Usage);
        }
    }

    /// <exception cref="StreamRecException">It is none.</exception>
    internal void ValidatePartitioner() =>
        OneOf("--partitioner", Partitioner, KeyHash.Murmur2Name, KeyHash.Crc32Name, KeyHash.AnyName);

    /// <exception cref="StreamRecException">The value is not among the choices.</exception>
    protected static void OneOf(string name, string value, params ReadOnlySpan<string> choices)
    {
        if (!choices.Contains(value))
        {
            throw new StreamRecException($"{name} is '{value}': give {string.Join(" or ", choices!)}.", ExitCode.Usage);
        }
    }

    /// <exception cref="StreamRecException">The value is out of its range.</exception>
    protected static void InRange<T>(string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw new StreamRecException($"{name} is {value}: it must lie between {least} and {most}.", ExitCode.Usage);
        }
    }

    /// <summary>Reaches Redis as <paramref name="other"/> does.</summary>
    internal void TakeRedis(ServerOptions other)
    {
        (Redis, RedisUser, RedisPassword, RedisTls) = (other.Redis, other.RedisUser, other.RedisPassword, other.RedisTls);
        (RedisCa, RedisCertificate, RedisKey) = (other.RedisCa, other.RedisCertificate, other.RedisKey);
    }

    internal KafkaSettings KafkaSettings() => new(Bootstrap, Kafka);

    internal RedisSettings RedisSettings() =>
        new(Redis, RedisUser, RedisPassword, RedisTls, RedisCa, RedisCertificate, RedisKey);
}
