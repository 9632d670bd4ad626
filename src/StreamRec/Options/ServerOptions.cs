using StreamRec.Kafka;
using StreamRec.Kafka.Producing;
using StreamRec.Lists;
using StreamRec.Redis.Connection;
using StreamRec.Settings;

namespace StreamRec.Options;

/// <summary>
/// How to reach Kafka and Redis: the same for every command. Read from the section <c>StreamRec</c> of
/// appsettings.json, then from the environment (<c>STREAMREC__REDISTLS=true</c>), then from the command line; the later
/// wins.
/// </summary>
public class ServerOptions
{
    [Setting("Kafka's bootstrap servers, host:port, commas between")]
    public string Bootstrap { get; set; } = "localhost:9092";

    [Setting("Redis, host:port, commas between")]
    public string Redis { get; set; } = "localhost:6379";

    [Setting("First part of every Redis key, without a colon")]
    public string Prefix { get; set; } = "streamrec";

    [Setting(
        "By which hash of the key producers choose partitions; crc32 is librdkafka's consistent",
        KeyHash.Murmur2Name,
        KeyHash.Crc32Name,
        KeyHash.AnyName
    )]
    public string Partitioner { get; set; } = KeyHash.Murmur2Name;

    /// <summary>By librdkafka's names. Never logged.</summary>
    [Setting(
        "Further librdkafka settings, each by its name: "
            + "Kafka:sasl.password, in the environment STREAMREC__KAFKA__SASL_PASSWORD",
        Default = "none"
    )]
    public Dictionary<string, string> Kafka { get; set; } = [];

    [Setting("User of Redis's ACL")]
    public string RedisUser { get; set; } = "";

    /// <summary>Never logged.</summary>
    [Setting("Password of Redis; belongs in the environment or in a file")]
    public string RedisPassword { get; set; } = "";

    [Setting("Speak TLS to Redis, true or false; one of the next three makes it true")]
    public bool RedisTls { get; set; }

    [Setting("PEM file of the authority that signed Redis's certificate", Default = "those that the system trusts")]
    public string RedisCa { get; set; } = "";

    [Setting("PEM file of the certificate that this client shows to Redis")]
    public string RedisCertificate { get; set; } = "";

    [Setting("PEM file of that certificate's key", Default = "in the certificate's file")]
    public string RedisKey { get; set; } = "";

    /// <summary>0 for shards without replicas: what a failover undoes is then not noticed.</summary>
    [Setting(
        "Redis Cluster: replicas of its shard that must have a list before the worker forgets that it changed, "
            + "and all that recover dropped before it ends; 0 for shards without replicas",
        Least = 0,
        Most = 10
    )]
    public int ListReplicas { get; set; } = 1;

    /// <exception cref="StreamRecException">It is none.</exception>
    internal void ValidatePrefix()
    {
        if (!ListKeys.IsPrefix(Prefix))
        {
            throw new StreamRecException($"--prefix is '{Prefix}': give {ListKeys.PrefixRule}.", FaultKind.Usage);
        }
    }

    /// <summary>Reaches Redis as <paramref name="other"/> does.</summary>
    internal void TakeRedis(ServerOptions other)
    {
        (Redis, RedisUser, RedisPassword, RedisTls) = (
            other.Redis,
            other.RedisUser,
            other.RedisPassword,
            other.RedisTls
        );
        (RedisCa, RedisCertificate, RedisKey) = (other.RedisCa, other.RedisCertificate, other.RedisKey);
    }

    internal KafkaSettings KafkaSettings() => new(Bootstrap, Kafka);

    internal RedisSettings RedisSettings() =>
        new(Redis, RedisUser, RedisPassword, RedisTls, RedisCa, RedisCertificate, RedisKey);
}
