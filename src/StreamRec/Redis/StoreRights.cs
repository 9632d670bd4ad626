using StackExchange.Redis;
using StreamRec.Pipeline;

namespace StreamRec.Redis;

/// <summary>Asks Redis, before any work, whether this user may do all that the worker does.</summary>
/// <remarks>Redis 7.0 and later can say; others are taken at their word, and refuse later.</remarks>
internal static class StoreRights
{
    private const string SampleUser = "any";

    /// <summary>ARGV: pairs of a command and a key. Answers with the commands that are denied, "COMMAND key".</summary>
    private const string Script = """
        local denied = {}
        if not redis.acl_check_cmd then return denied end
        local rest = {HSET = {'f', 'v'}, SET = {'v', 'PX', '1'}, HMGET = {'f'}, HGET = {'f'}, GET = {}}
        for i = 1, #ARGV, 2 do
          local command = ARGV[i]
          local may
          if ARGV[i + 1] == '' then may = redis.acl_check_cmd(command)
          else may = redis.acl_check_cmd(command, ARGV[i + 1], unpack(rest[command])) end
          if not may then denied[#denied + 1] = command .. ' ' .. ARGV[i + 1] end
        end
        return denied
        """;

    /// <exception cref="StreamRecException">A right is missing; the message names it.</exception>
    public static async Task CheckAsync(IDatabase redis, RedisSettings settings, StoreKeys keys, PartitionIdentity sample)
    {
        string meta = keys.Meta(sample)!, state = keys.State(sample, SampleUser)!, list = keys.List(SampleUser)!;
        RedisValue[] asked =
        [
            "TIME", "", "HMGET", meta, "HGET", meta, "HSET", meta, "GET", state, "SET", state, "SET", list, "SET", (string)keys.Popular!,
        ];
        RedisResult[] denied;
        try
        {
            denied = (RedisResult[])(await redis.ScriptEvaluateAsync(Script, [], asked))!;
        }
        catch (RedisException fault)
        {
            throw new StreamRecException($"{settings} {RedisRefusal.Explain(fault)}", ExitCode.Unreachable);
        }
        if (denied.Length > 0)
        {
            throw new StreamRecException(
                $"{settings} does not let this user do: {string.Join(", ", denied.Select(right => ((string)right!).TrimEnd()))}. "
                + "Grant it: docs/security.md has the line for ACL SETUSER.", ExitCode.Unreachable);
        }
    }
}
