using System.Text.Json.Nodes;
using StreamRec.Configuration;
using StreamRec.Options;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Commands;

public sealed class ConfigCommandTests : IDisposable
{
    private const string Secret = "hunter2-Xy";

    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-config-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Every_setting_is_told_with_the_place_that_won()
    {
        File.WriteAllText(
            Path.Combine(_directory, "appsettings.json"),
            """{"StreamRec": {"ListSize": 7, "Group": "of-the-file", "Types": "view", "BatchLinger": "2ms"}}"""
        );

        var shown = Shown(
            new() { ["STREAMREC__GROUP"] = "of-the-environment", ["STREAMREC__TYPES"] = "cart" },
            ("Types", "like")
        );

        Assert.Equal(("7", "file", "appsettings.json"), shown["ListSize"]);
        Assert.Equal(("2ms", "file", "appsettings.json"), shown["BatchLinger"]);
        Assert.Equal(("of-the-environment", "environment", "STREAMREC__GROUP in the environment"), shown["Group"]);
        Assert.Equal(("like", "command_line", "the command line"), shown["Types"]);
        Assert.Equal(("192", "default", "the default"), shown["BatchRecords"]);
        Assert.Equal(("", "default", "the default"), shown["ExcludeSeen"]);
        Assert.Equal(SettingsReader.Known.Where(name => name != "Kafka"), shown.Keys);
    }

    [Theory]
    [InlineData("RedisPassword", Secret)]
    [InlineData("Redis", $"redis://u:{Secret}@h:1")]
    [InlineData("Redis", $"h:1,password={Secret},i:2")]
    [InlineData("Bootstrap", $"u:{Secret}@h:1")]
    [InlineData("Kafka:sasl.password", Secret)]
    [InlineData("KAFKA:SSL_KEY_PASSWORD", Secret)]
    [InlineData("Kafka:sasl.oauthbearer.client.secret", Secret)]
    public void Secrets_are_masked(string name, string value)
    {
        var json = Json([], (name, value));

        Assert.DoesNotContain(Secret, json);
        Assert.Single(JsonNode.Parse(json)!["settings"]!.AsArray(), setting => (bool)setting!["masked"]!);
    }

    [Fact]
    public async Task What_work_would_refuse_is_refused_below_what_it_was_set_to()
    {
        var (code, output, error) = await StreamRecProcess.RunAsync("config", "show", "--topic", "t", "--group", "g");

        Assert.Equal(2, code);
        Assert.Matches(@"Topic +t +the command line", output);
        Assert.Contains("--bundle is missing", error);
    }

    private Dictionary<string, (string Value, string Source, string Where)> Shown(
        Dictionary<string, string> environment,
        params (string Name, string Value)[] given
    ) =>
        JsonNode.Parse(Json(environment, given))!["settings"]!
            .AsArray()
            .ToDictionary(
                setting => (string)setting!["name"]!,
                setting => ((string)setting!["value"]!, (string)setting["source"]!, (string)setting["where"]!)
            );

    private string Json(Dictionary<string, string> environment, params (string Name, string Value)[] given)
    {
        var json = ConfigCommand.Json(
            SettingsReader
                .Explain(
                    given.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value)),
                    _directory,
                    environment
                )
                .Settings
        );
        Assert.True(ContractFiles.IsValid("cli/config-show.schema.json", json));
        return json;
    }
}
