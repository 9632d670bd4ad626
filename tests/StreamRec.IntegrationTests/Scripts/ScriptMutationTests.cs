using StackExchange.Redis;
using StreamRec.Redis.Store;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Scripts;

/// <summary>
/// The Lua text itself, in a real Redis: the history holds with the scripts as they are, and turns red with any one
/// rule taken out of them. (The simulation does the same with models of the scripts.)
/// </summary>
public sealed class ScriptMutationTests : IAsyncLifetime
{
    private const int Seeds = 6;

    private RedisServer _redis = null!;
    private ConnectionMultiplexer _connection = null!;

    public static TheoryData<string> Names => [.. s_edits.Select(edit => edit.Name)];

    private static readonly ScriptEdit[] s_edits =
    [
        new(
            "a claim amid a recovery",
            StoreScripts.Claim,
            "if meta[8] then return {'MISMATCH', 'recovering', meta[8], ''} end",
            ""
        ),
        new(
            "a claim of an emptied store",
            StoreScripts.Claim,
            "if ARGV[5] == '' then return {'NOMETA'} end",
            "ARGV[5] = ARGV[5] == '' and '0' or ARGV[5]"
        ),
        new("a claim by another group", StoreScripts.Claim, "if meta[i] ~= ARGV[i] then", "if false then"),
        new(
            "a claim under other settings",
            StoreScripts.Claim,
            "if meta[9] and meta[9] ~= ARGV[8] then return {'MISMATCH', 'settings', meta[9], ARGV[8]} end",
            ""
        ),
        new("a claim that pins no settings", StoreScripts.Claim, ",\n  'settings', ARGV[8])", ")"),
        new(
            "a recovery that keeps the settings",
            StoreScripts.BeginRecovery,
            "redis.call('HDEL', KEYS[1], 'settings')",
            ""
        ),
        new("a claim by the clock alone", StoreScripts.Claim, "math.max(tonumber(meta[5]) + 1, now)", "now"),
        new(
            "a claim without an id of its own",
            StoreScripts.Claim,
            "'claim', claim, 'claim_id', ARGV[4], ",
            "'claim', claim, "
        ),
        new("a read without n", StoreScripts.Read, "{meta[1], ", "{'0', "),
        new("a read without seq", StoreScripts.Read, "meta[2] or '0'", "'0'"),
        new("a claim without seq", StoreScripts.Claim, "meta[10] or '0'", "'0'"),
        new(
            "a claim whatever the promotion",
            StoreScripts.Claim,
            "if tonumber(ARGV[9]) < tonumber(promotion) then return {'OUTDATED', promotion} end",
            ""
        ),
        new(
            "a claim that names no promotion",
            StoreScripts.Claim,
            "if ARGV[9] ~= promotion then redis.call('HSET', KEYS[1], 'promotion', ARGV[9]) end",
            ""
        ),
        new(
            "no seal check",
            StoreScripts.Step,
            "if #KEYS > 1 and tonumber(ARGV[8]) < tonumber(meta[5] or '0') then return {'OUTDATED', meta[5]} end",
            ""
        ),
        new("a seal that holds up control records", StoreScripts.Step, "if #KEYS > 1 and tonumber", "if tonumber"),
        new(
            "an idle check that tells no promotion",
            StoreScripts.Step,
            "return {'OK', seq, meta[5] or '0'}",
            "return {'OK', seq}"
        ),
        new(
            "a seal that lowers",
            StoreScripts.Seal,
            "if tonumber(ARGV[1]) > tonumber(meta[1] or '0') then",
            "if true then"
        ),
        new(
            "a seal of claimed partitions alone",
            StoreScripts.Seal,
            "if tonumber(ARGV[1]) >",
            "if meta[2] and tonumber(ARGV[1]) >"
        ),
        new(
            "a seal that raises seq",
            StoreScripts.Seal,
            "return meta[2] and 1 or 0",
            "redis.call('HINCRBY', KEYS[1], 'seq', 1)\nreturn meta[2] and 1 or 0"
        ),
        new(
            "a seal that makes meta",
            StoreScripts.Seal,
            "return meta[2] and 1 or 0",
            "redis.call('HSETNX', KEYS[1], 'next', '0')\nreturn 1"
        ),
        new("a read that fails at a key of another type", StoreScripts.Read, "redis.pcall", "redis.call"),
        new(
            "no claim check",
            StoreScripts.Step,
            "if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] then return {'FENCED'} end",
            ""
        ),
        new("no check of the claim's id", StoreScripts.Step, "or meta[2] ~= ARGV[2]", ""),
        new(
            "no from check",
            StoreScripts.Step,
            "if meta[3] ~= ARGV[3] or seq ~= ARGV[7] then",
            "if seq ~= ARGV[7] then"
        ),
        new("no seq check", StoreScripts.Step, "or seq ~= ARGV[7] then", "then"),
        new("a step without seq", StoreScripts.Step, ", 'seq', seq)", ")"),
        new("a step that leaves seq", StoreScripts.Step, "seq + 1)", "seq)"),
        new(
            "an idle check that counts",
            StoreScripts.Step,
            "if #KEYS == 1 and ARGV[3] == ARGV[4] then",
            "if false then"
        ),
        new(
            "a step that leaves n and counts as an idle check",
            StoreScripts.Step,
            "if #KEYS == 1 and ARGV[3] == ARGV[4] then",
            "if ARGV[3] == ARGV[4] then"
        ),
        new("a step without n", StoreScripts.Step, "'next', ARGV[4], ", ""),
        new("a step without the epoch", StoreScripts.Step, ", 'epoch', ARGV[5]", ""),
        new("a step without lists", StoreScripts.Step, "redis.call('SET', KEYS[2 * i + 1], ARGV[8 + 2 * i])", ""),
        new("a withdrawn model's list for ever", StoreScripts.Step, "redis.call('DEL', KEYS[2 * i + 1])", ""),
        new(
            "a list of the same model is deleted",
            StoreScripts.Step,
            "if its and tonumber(its) < tonumber(ARGV[8]) then",
            "if its then"
        ),
        new("lists of before promotions stay", StoreScripts.Step, "or '0')\n    if its", "or nil)\n    if its"),
        new("an empty list over one that is there", StoreScripts.Step, "if ARGV[8 + 2 * i] ~= '' then", "if true then"),
        new("a state for ever", StoreScripts.Step, ", 'PX', ARGV[6])", ")"),
        new("a recovery that leaves the claim", StoreScripts.BeginRecovery, "'claim_id', ARGV[4], ", ""),
        new("a recovery that does not keep workers out", StoreScripts.BeginRecovery, ", 'recovering', ARGV[4])", ")"),
        new("a recovery of the same generation", StoreScripts.BeginRecovery, "before and before + 1 or", "before or"),
        new(
            "the end of another's recovery",
            StoreScripts.EndRecovery,
            "if redis.call('HGET', KEYS[1], 'recovering') ~= ARGV[1] then return 0 end",
            ""
        ),
        new("a recovery without n", StoreScripts.EndRecovery, "'next', ARGV[2], ", ""),
        new("a recovery without an end", StoreScripts.EndRecovery, "redis.call('HDEL', KEYS[1], 'recovering')", ""),
    ];

    public async Task InitializeAsync()
    {
        if (Installed.RedisServer is not null)
        {
            _redis = await RedisServer.StartAsync("--appendonly", "no");
            _connection = await _redis.ConnectAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            await _redis.DisposeAsync();
        }
    }

    [RedisFact]
    public Task The_scripts_as_they_are_hold() => ScriptEdit.HoldAsync(Seeds, RunAsync);

    [RedisTheory]
    [MemberData(nameof(Names))]
    public Task A_rule_taken_out_is_seen(string name) =>
        s_edits.Single(edit => edit.Name == name).SeenAsync(Seeds, RunAsync);

    private Task RunAsync(ScriptEdit? edit, int seed) =>
        new StoreHistory(_connection.GetDatabase(), EditedScripts.Of(_connection.GetDatabase(), edit), seed).RunAsync();
}

/// <summary>A test on a redis-server of its own; where there is none, it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() =>
        Skip = Installed.RedisServer is null ? "Skipped: no redis-server on the path: install it." : null;
}

/// <inheritdoc cref="RedisFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() =>
        Skip = Installed.RedisServer is null ? "Skipped: no redis-server on the path: install it." : null;
}
