using System.Text.Json.Nodes;
using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Kafka.Catalogue;
using StreamRec.Kafka.Topics;
using StreamRec.Models;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Catalogue;

/// <summary>What `catalogue` prints, and which topics it takes.</summary>
public sealed class CatalogueOutputTests
{
    [Fact]
    public void Of_each_id_the_last_record_counts()
    {
        var contents = new CatalogueContents();
        (string Key, string? Value)[] log =
        [
            ("a", """{"title":"A"}"""),
            ("b", """{"available":false,"categories":["x"]}"""),
            ("a", """{"title":"A2","since":1767225600000}"""),
            ("c", null),
            ("d", "{"),
            ("", "{}"),
        ];
        for (var offset = 0; offset < log.Length; offset++)
        {
            contents.Take(
                new LogRecord(
                    offset,
                    0,
                    0,
                    System.Text.Encoding.UTF8.GetBytes(log[offset].Key),
                    log[offset].Value is { } value ? System.Text.Encoding.UTF8.GetBytes(value) : default
                )
            );
        }
        var stats = contents.Stats().ToJson("t.items");
        Valid("catalogue-show", stats);
        Assert.Equal(
            """{"topic":"t.items","offset":5,"items":2,"not_available":1,"timed":1,"with_categories":1,"withdrawn":1,"""
                + "\"unreadable\":1,\"first_unreadable\":",
            stats[..stats.IndexOf("\"d:", StringComparison.Ordinal)]
        );
        Assert.EndsWith("\"new\":null,\"without_id\":1}", stats);
        var bundle = Bundle.Load(
            Path.Combine(ContractFiles.Root, "tests", "StreamRec.Tests", "Golden", "bundles", "tower")
        );
        Assert.Equal(2, contents.Stats(bundle).New);
        Assert.Equal("A2", (string?)Shown(contents, "a")["item"]!["title"]);
        Assert.Equal("withdrawn", (string?)Shown(contents, "c")["state"]);
        Assert.StartsWith("malformed_json", (string?)Shown(contents, "d")["error"]);
        Assert.Null(contents.Of("e"));
        Assert.Contains("\"title\": \"A2\"", contents.Of("a")!.ToText());
    }

    [Fact]
    public void Results_for_machines_are_as_their_schemas_say()
    {
        Valid("catalogue-import", CatalogueImportCommand.Json("t.items", 3, 2));
        Valid("catalogue-withdraw", CatalogueWithdrawCommand.Json("t.items", ["a"]));
        Assert.Equal("""{"topic":"t.items","items":3,"bad_lines":2}""", CatalogueImportCommand.Json("t.items", 3, 2));
    }

    [Theory]
    [InlineData(1, "compact", null)]
    [InlineData(1, null, null)]
    [InlineData(2, "compact", "2 partitions")]
    [InlineData(1, "delete", "cleanup.policy=delete")]
    [InlineData(1, "compact,delete", "cleanup.policy=compact,delete")]
    public void A_catalogue_has_one_partition_and_is_compacted(int partitions, string? policy, string? fault)
    {
        var settings = policy is null ? null : new Dictionary<string, string> { ["cleanup.policy"] = policy };

        var found = CatalogueTopic.Fault(new TopicFacts("t", "id", partitions), settings);

        if (fault is null)
        {
            Assert.Null(found);
        }
        else
        {
            Assert.Contains(fault, found);
        }
    }

    private static JsonNode Shown(CatalogueContents contents, string id)
    {
        var json = contents.Of(id)!.ToJson();
        Valid("catalogue-show", json);
        return JsonNode.Parse(json)!;
    }

    private static void Valid(string schema, string json) =>
        Assert.True(ContractFiles.IsValid($"cli/{schema}.schema.json", json), json);
}
