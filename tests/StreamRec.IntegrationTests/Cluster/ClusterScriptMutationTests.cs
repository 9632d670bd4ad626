using StackExchange.Redis;
using StreamRec.IntegrationTests.Scripts;
using StreamRec.Redis.Lists;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>As <see cref="ScriptMutationTests"/>, for the scripts that only a Redis Cluster takes.</summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterScriptMutationTests(RedisCluster cluster)
{
    private const int Seeds = 8;
    private const string Compared = "for i = 1, 5 do";

    public static TheoryData<string> Names => [.. s_edits.Select(edit => edit.Name)];

    private static readonly ScriptEdit[] s_edits =
    [
        new(
            "no claim check",
            ClusterScripts.Step,
            "if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] then return {'FENCED'} end",
            ""
        ),
        new(
            "no from check",
            ClusterScripts.Step,
            "if meta[3] ~= ARGV[3] or seq ~= ARGV[7] then",
            "if seq ~= ARGV[7] then"
        ),
        new("no seq check", ClusterScripts.Step, "or seq ~= ARGV[7] then", "then"),
        new("a step without seq", ClusterScripts.Step, ", 'seq', seq)", ")"),
        new(
            "no seal check",
            ClusterScripts.Step,
            "if #KEYS > 2 and tonumber(ARGV[8]) < tonumber(meta[5] or '0') then return {'OUTDATED', meta[5]} end",
            ""
        ),
        new(
            "lists of before a seal are as good as later ones",
            ClusterScripts.ClearDirty,
            "if tonumber(ARGV[3]) < tonumber(meta[3] or '0') then return 2 end",
            ""
        ),
        new("dirty users read without seq", ClusterScripts.ReadDirty, "meta[2] or '0'", "'0'"),
        new("a step that makes nobody dirty", ClusterScripts.Step, "if ARGV[at + 2] ~= '' then", "if false then"),
        new(
            "dirty users without a version",
            ClusterScripts.Step,
            "ARGV[at + 1], ARGV[at + 2])",
            "ARGV[at + 1], '0:0')"
        ),
        new("dirty users read without n", ClusterScripts.ReadDirty, "{meta[1], ", "{'0', "),
        new(
            "cleared by anyone",
            ClusterScripts.ClearDirty,
            "if meta[1] ~= ARGV[1] or meta[2] ~= ARGV[2] then return 0 end",
            ""
        ),
        new(
            "cleared whatever was published",
            ClusterScripts.ClearDirty,
            "if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then",
            "if true then"
        ),
        new("lists not compared", ClusterScripts.Publish, "if its and its > mine then", "if false then"),
        new("lists compared without generation", ClusterScripts.Publish, Compared, "for i = 2, 5 do"),
        new("lists compared without epoch", ClusterScripts.Publish, Compared, "for _, i in ipairs({1, 3, 4, 5}) do"),
        new("lists compared without offset", ClusterScripts.Publish, Compared, "for _, i in ipairs({1, 2, 4, 5}) do"),
        new(
            "lists compared without promotion",
            ClusterScripts.Publish,
            Compared,
            "for _, i in ipairs({1, 2, 3, 5}) do"
        ),
        new(
            "lists compared by claim before promotion",
            ClusterScripts.Publish,
            Compared,
            "for _, i in ipairs({1, 2, 3, 5, 4}) do"
        ),
        new("lists compared without claim", ClusterScripts.Publish, Compared, "for i = 1, 4 do"),
        new(
            "an equal list refused",
            ClusterScripts.Publish,
            "if its ~= mine then break end",
            "if i == 5 and its == mine then return 0 end if its ~= mine then break end"
        ),
        new("a refusal that looks like a write", ClusterScripts.Publish, "return 0", "return 1"),
    ];

    [ClusterFact]
    public Task The_scripts_as_they_are_hold() => ScriptEdit.HoldAsync(Seeds, RunAsync);

    [ClusterTheory]
    [MemberData(nameof(Names))]
    public Task A_rule_taken_out_is_seen(string name) =>
        s_edits.Single(edit => edit.Name == name).SeenAsync(Seeds, RunAsync);

    private Task RunAsync(ScriptEdit? edit, int seed) =>
        new ClusterHistory(
            cluster.Connection.GetDatabase(),
            EditedScripts.Of(cluster.Connection.GetDatabase(), edit),
            EditedScripts.Of(cluster.Connection, edit),
            seed
        ).RunAsync();
}
