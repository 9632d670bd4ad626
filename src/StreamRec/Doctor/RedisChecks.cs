using System.Globalization;
using System.Net;
using Confluent.Kafka;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Redis.Store;
using StreamRec.Registry;

namespace StreamRec.Doctor;

/// <summary>Redis: whether it keeps what it is given, lets this user work, and holds what fits the topic.</summary>
/// <param name="topic">Null where Kafka has none, or does not tell.</param>
internal sealed class RedisChecks(WorkOptions options, TopicFacts? topic, TimeProvider time)
{
    private const int LeastVersion = 7;
    private const double MostMemory = 0.8;
    private static readonly TimeSpan s_mostSkew = TimeSpan.FromSeconds(5);

    private readonly RedisSettings _settings = options.RedisSettings();

    public async IAsyncEnumerable<Finding> FindAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        ConnectionMultiplexer? redis = null;
        Finding? away = null;
        try
        {
            redis = await RedisConnection.ConnectAsync(_settings, cancel: cancel);
        }
        catch (StreamRecException fault)
        {
            away = Finding.Fail("redis.reachable", fault.Message);
        }
        if (redis is null)
        {
            yield return away!;
            yield break;
        }
        await using (redis)
        {
            var server = redis.GetServers().First(server => server.IsConnected);
            yield return Finding.Ok("redis.reachable", $"{_settings}");
            yield return Version(server);
            yield return await EvictionAsync(redis, server);
            if (await InfoAsync(server) is { } info)
            {
                yield return await PersistenceAsync(server, info);
                yield return Memory(server, info);
            }
            yield return await RightsAsync(redis, server);
            if (await ClockAsync(server) is { } clock)
            {
                yield return clock;
            }
            if (topic is not null)
            {
                yield return await MetaAsync(redis, topic);
            }
            foreach (var finding in await new RegistryChecks(options).FindAsync(redis, cancel))
            {
                yield return finding;
            }
        }
    }

    private static Finding Version(IServer server) =>
        server.Version.Major >= LeastVersion
            ? Finding.Ok("redis.version", $"Redis {server.Version}")
            : Finding.Warn(
                "redis.version",
                $"Redis {server.Version}: rights are checked, and the tests run, with 7.0 and later"
            );

    private async Task<Finding> EvictionAsync(ConnectionMultiplexer redis, IServer server)
    {
        const string Check = "redis.eviction";
        var mend = Cli(server, "CONFIG SET maxmemory-policy noeviction");
        try
        {
            return await EvictionCheck.CheckAsync(redis, _settings) is { } doubt
                ? Finding.Warn(Check, doubt, mend)
                : Finding.Ok(Check, "no key is thrown away when memory is full");
        }
        catch (StreamRecException fault)
        {
            return Finding.Fail(Check, fault.Message, mend);
        }
    }

    private static async Task<Dictionary<string, string>?> InfoAsync(IServer server)
    {
        try
        {
            return (await server.InfoAsync())
                .SelectMany(section => section)
                .DistinctBy(fact => fact.Key)
                .ToDictionary(fact => fact.Key, fact => fact.Value);
        }
        catch (RedisServerException)
        {
            // EvictionCheck has said so.
            return null;
        }
    }

    private async Task<Finding> PersistenceAsync(IServer server, Dictionary<string, string> info)
    {
        const string Check = "redis.persistence";
        if (info.GetValueOrDefault("aof_enabled") != "1")
        {
            return Finding.Warn(
                Check,
                "there is no append-only file: a restart empties or ages Redis, and workers halt, or repeat",
                Cli(server, "CONFIG SET appendfsync everysec appendonly yes")
            );
        }
        string? sync = null;
        try
        {
            sync = (await server.ConfigGetAsync("appendfsync")).FirstOrDefault().Value;
        }
        catch (RedisServerException) { }
        return sync == "no"
            ? Finding.Warn(
                Check,
                "appendfsync is no: a power cut loses half a minute",
                Cli(server, "CONFIG SET appendfsync everysec")
            )
            : Finding.Ok(Check, $"append-only file, appendfsync {sync ?? "not checked (CONFIG GET is not allowed)"}");
    }

    private Finding Memory(IServer server, Dictionary<string, string> info)
    {
        long Bytes(string name) =>
            long.TryParse(info.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
        var (used, most) = (Bytes("used_memory"), Bytes("maxmemory"));
        var seen = string.Create(
            CultureInfo.InvariantCulture,
            $"{used >> 20} MiB used{(most > 0 ? $" of {most >> 20}" : "; maxmemory is not set")}"
        );
        return most > 0 && used > MostMemory * most
            ? Finding.Warn(
                "redis.memory",
                seen,
                Cli(server, string.Create(CultureInfo.InvariantCulture, $"CONFIG SET maxmemory {2 * most}"))
            )
            : Finding.Ok("redis.memory", seen);
    }

    private async Task<Finding> RightsAsync(ConnectionMultiplexer redis, IServer server)
    {
        const string Check = "redis.rights";
        try
        {
            var sample = new PartitionIdentity(
                options.Topic,
                0,
                topic?.Uuid ?? "",
                topic?.Partitions ?? 1,
                options.Group
            );
            await StoreRights.CheckAsync(
                redis,
                new StoreKeys(options.Prefix),
                sample,
                options.Registry.Length > 0 ? new ModelKeys(options.Prefix).WorkersRights() : null
            );
            return Finding.Ok(Check, "this user may do all that a worker does");
        }
        catch (StreamRecException fault)
        {
            return Denied(fault.Message);
        }
        catch (RedisServerException fault)
        {
            return Denied(RedisRefusal.Explain(fault));
        }
        Finding Denied(string seen) =>
            Finding.Fail(
                Check,
                seen,
                Cli(server, $"ACL SETUSER {_settings.Options().User ?? "default"} '~{options.Prefix}:*' ")
                    + "+eval +time +hmget +hget +hset +get +set +echo +ping +info '+acl|whoami'"
            );
    }

    /// <summary>Null where the user may not ask.</summary>
    private async Task<Finding?> ClockAsync(IServer server)
    {
        try
        {
            var apart = (await server.TimeAsync() - time.GetUtcNow().UtcDateTime).Duration();
            var seen = string.Create(
                CultureInfo.InvariantCulture,
                $"Redis's clock and this machine's are {apart.TotalSeconds:F1} s apart"
            );
            return apart > s_mostSkew
                ? Finding.Warn("redis.clock", seen, "chronyc makestep")
                : Finding.Ok("redis.clock", seen);
        }
        catch (RedisServerException)
        {
            return null;
        }
    }

    private async Task<Finding> MetaAsync(ConnectionMultiplexer redis, TopicFacts facts)
    {
        const string Check = "redis.meta";
        var recover = $"streamrec recover --topic {facts.Name} --group {options.Group} --yes";
        RedisValue[] meta;
        try
        {
            meta = await redis
                .GetDatabase()
                .HashGetAsync(
                    new StoreKeys(options.Prefix).Meta(
                        new PartitionIdentity(facts.Name, 0, facts.Uuid, facts.Partitions, options.Group)
                    ),
                    ["group", "topic_uuid", "partitions", "recovering"]
                );
        }
        catch (RedisServerException fault)
        {
            return Finding.Fail(Check, RedisRefusal.Explain(fault));
        }
        return meta[0].IsNull ? Finding.Ok(Check, "nothing was worked yet under this prefix")
            : !meta[3].IsNull ? Finding.Fail(Check, "a recovery was begun and has not ended", recover)
            : meta[0] != options.Group
                ? Finding.Fail(
                    Check,
                    $"Redis holds the states of group '{Finding.Quoted((string)meta[0]!)}' under this prefix: give "
                        + "another --prefix"
                )
            : meta[1] != facts.Uuid ? Finding.Fail(Check, "the topic was made anew since states were made", recover)
            : meta[2] != facts.Partitions
                ? Finding.Fail(Check, "the topic has another number of partitions than the states", recover)
            : Finding.Ok(Check, "states, group and topic fit each other");
    }

    private string Cli(IServer server, string command) =>
        server.EndPoint switch
        {
            IPEndPoint ip => $"redis-cli -h {ip.Address} -p {ip.Port} {command}",
            DnsEndPoint dns => $"redis-cli -h {dns.Host} -p {dns.Port} {command}",
            _ => $"redis-cli {command}",
        };
}
