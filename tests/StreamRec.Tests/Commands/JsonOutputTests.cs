using StreamRec.Commands;
using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Commands;

/// <summary>What `--json` prints of commands that need servers, byte for byte.</summary>
public sealed class JsonOutputTests
{
    [Fact]
    public void Produce_tells_what_it_sent()
    {
        var json = ProduceCommand.Json("clicks", 1000, 2, TimeSpan.FromMilliseconds(1500));

        Assert.True(ContractFiles.IsValid("cli/produce.schema.json", json), json);
        Assert.Equal("""{"topic":"clicks","events":1000,"bad_lines":2,"seconds":1.5,"events_per_s":666.7}""", json);
    }

    [Fact]
    public void Recover_tells_where_work_goes_on()
    {
        var json = RecoverCommand.Json(
            new RecoverCommand.Plan("clicks", "g", [], null, false, false, true, true),
            [new PartitionIdentity("clicks", 3, "id", 4, "g")],
            [new LogPosition(17, 2)],
            dropped: 5,
            dirty: 0
        );

        Assert.True(ContractFiles.IsValid("cli/recover.schema.json", json), json);
        Assert.Equal(
            """{"topic":"clicks","group":"g","done":true,"states":"drop","partitions":[{"partition":3,"offset":17}],"""
                + "\"dropped_states\":5,\"dirty_users\":0}",
            json
        );
    }

    /// <summary>Of each command whose result machines may read, the schema is there; `lookup` prints a list.</summary>
    [Fact]
    public void Every_command_that_prints_json_has_a_schema()
    {
        string[] elsewhere = ["lookup"];
        var missing = Of(CommandTree.Create(), "")
            .Where(name => !elsewhere.Contains(name))
            .Where(name => !File.Exists(Path.Combine(ContractFiles.Root, "schemas", "cli", $"{name}.schema.json")));

        Assert.Empty(missing);
    }

    private static IEnumerable<string> Of(System.CommandLine.Command command, string path) =>
        command
            .Subcommands.SelectMany(sub => Of(sub, path.Length == 0 ? sub.Name : $"{path}-{sub.Name}"))
            .Concat(command.Options.Any(option => option.Name == "--json") ? [path] : []);
}
