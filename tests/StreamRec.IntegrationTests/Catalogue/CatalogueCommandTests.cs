using System.Text.Json.Nodes;
using Confluent.Kafka;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Catalogue;

/// <summary>`streamrec catalogue` as it is typed.</summary>
[Collection(nameof(Servers))]
public sealed class CatalogueCommandTests(Servers servers) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-items-");
    private readonly string _topic = $"shop-{Guid.NewGuid():N}";

    public void Dispose() => _directory.Delete(recursive: true);

    [ServerFact]
    public async Task What_is_imported_is_shown_and_what_is_withdrawn_is_gone()
    {
        await servers.Kafka.CreateTopicAsync($"{_topic}.items", 1, ("cleanup.policy", "compact"));
        var file = Path.Combine(_directory.FullName, "items.jsonl");
        await File.WriteAllLinesAsync(
            file,
            [
                """{"id":"a","title":"A","categories":["x"]}""",
                """{"id":7,"available":false}""",
                """{"title":"no id"}""",
                """{"id":"c","until":1}""",
                "",
                """{"id":"a","title":"A2","since":1767225600000}""",
            ]
        );

        var imported = await JsonAsync("import", "jsonl", file);
        Assert.Equal((3, 2), ((int)imported["items"]!, (int)imported["bad_lines"]!));

        var shown = await JsonAsync("show", "a");
        Assert.Equal("A2", (string?)shown["item"]!["title"]);
        Assert.Null(shown["item"]!["categories"]);

        var withdrawn = await JsonAsync("withdraw", "a", "b");
        Assert.Equal(["a", "b"], withdrawn["withdrawn"]!.AsArray().Select(id => (string)id!));
        Assert.Equal("withdrawn", (string?)(await JsonAsync("show", "a"))["state"]);

        using (
            var producer = new ProducerBuilder<string, string>(
                new ProducerConfig { BootstrapServers = servers.Kafka.Bootstrap }
            ).Build()
        )
        {
            await producer.ProduceAsync($"{_topic}.items", new() { Key = "d", Value = "{" });
        }
        var stats = await JsonAsync("show", "--stats");
        Assert.Equal(
            (5, 1, 1, 0, 2, 1),
            (
                (int)stats["offset"]!,
                (int)stats["items"]!,
                (int)stats["not_available"]!,
                (int)stats["timed"]!,
                (int)stats["withdrawn"]!,
                (int)stats["unreadable"]!
            )
        );
        Assert.StartsWith("d: malformed_json", (string?)stats["first_unreadable"]);
        Assert.Equal("malformed_json", ((string?)(await JsonAsync("show", "d"))["error"])!.Split(':')[0]);
    }

    private async Task<JsonNode> JsonAsync(params string[] arguments)
    {
        string[] place = ["--topic", _topic, "--bootstrap", servers.Kafka.Bootstrap, "--json"];
        var output = await Streamrec.RunAsync(["catalogue", .. arguments, .. place]);
        return JsonNode.Parse(output.Trim().Split('\n').First(line => line.StartsWith('{')))!;
    }
}
