using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis.Connection;

namespace StreamRec.Redis.Store;

/// <summary>Asks Redis, before any work, whether this user may do all that the worker does.</summary>
/// <remarks>Redis 7.0 and later can say; others are taken at their word, and refuse later.</remarks>
internal static class StoreRights
{
    private const string SampleUser = "any";
    private const string SampleSegment = "any";

    /// <summary>
    /// ARGV: pairs of a command, of one word or two, and a key. Answers with the commands that are denied, "COMMAND
    /// key".
    /// </summary>
    private const string Script = """
        local denied = {}
        if not redis.acl_check_cmd then return denied end
        local rest = {HSET = {'f', 'v'}, SET = {'v', 'PX', '1'},
          HMGET = {'f'}, HGET = {'f'}, GET = {}, HDEL = {'f'}, HRANDFIELD = {'1'}, WAIT = {'1', '1'}}
        for i = 1, #ARGV, 2 do
          local words = {}
          for word in string.gmatch(ARGV[i], '%S+') do words[#words + 1] = word end
          if ARGV[i + 1] ~= '' then words[#words + 1] = ARGV[i + 1] end
          for _, word in ipairs(rest[words[1]] or {}) do words[#words + 1] = word end
          if not redis.acl_check_cmd(unpack(words)) then denied[#denied + 1] = ARGV[i] .. ' ' .. ARGV[i + 1] end
        end
        return denied
        """;

    /// <param name="registry">Where its models are promoted: pairs of a command and a key that following them takes. On
    /// one Redis lists of an earlier model are deleted then.</param>
    /// <exception cref="StreamRecException">A right is missing; the message names it.</exception>
    public static async Task CheckAsync(
        IConnectionMultiplexer redis,
        StoreKeys keys,
        PartitionIdentity sample,
        IReadOnlyCollection<string>? registry = null
    )
    {
        string meta = keys.Meta(sample)!,
            state = keys.State(sample, SampleUser)!,
            list = keys.List(SampleUser)!,
            settings = keys.Settings("any")!,
            options = keys.Options("any")!;
        List<string> asked =
        [
            "TIME",
            "",
            "HMGET",
            meta,
            "HGET",
            meta,
            "HSET",
            meta,
            "GET",
            state,
            "SET",
            state,
            "SET",
            list,
            .. SharedBy(keys).SelectMany(key => new[] { "GET", key, "SET", key }),
            "GET",
            settings,
            "SET",
            settings,
            "SET",
            options,
        ];
        var cluster = RedisConnection.IsCluster(redis);
        if (registry is not null && !cluster)
        {
            asked.AddRange(["GET", list, "DEL", list]);
        }
        if (registry is not null)
        {
            asked.AddRange(registry);
        }
        if (cluster)
        {
            string dirty = keys.Dirty(sample)!;
            asked.AddRange([
                "GET",
                list,
                "HSET",
                dirty,
                "HGET",
                dirty,
                "HDEL",
                dirty,
                "HRANDFIELD",
                dirty,
                "WAIT",
                "",
                "CLIENT INFO",
                "",
            ]);
        }
        // Users are each node's own, and a replica may become a master.
        foreach (var server in redis.GetServers().Where(server => server.IsConnected && (cluster || !server.IsReplica)))
        {
            await CheckAsync(server, asked);
        }
    }

    // What is no user's own.
    private static IEnumerable<string> SharedBy(StoreKeys keys) =>
        [keys.Popular.ToString(), keys.PopularOf(SampleSegment).ToString(), keys.Withdrawn.ToString()];

    private static async Task CheckAsync(IServer server, List<string> asked)
    {
        var answer = await server.ExecuteAsync("EVAL", [Script, 0, .. asked], CommandFlags.NoRedirect);
        var denied = (RedisResult[])answer!;
        if (denied.Length > 0)
        {
            throw new StreamRecException(
                $"Redis at {server.EndPoint} does not let this user do: "
                    + $"{string.Join(", ", denied.Select(right => ((string)right!).TrimEnd()))}. "
                    + "Grant it: docs/security.md has the line for ACL SETUSER.",
                FaultKind.Unreachable
            );
        }
    }
}
