using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace StreamRec.Tests.Contracts;

/// <summary>The files of schemas/, and the golden files of the tests.</summary>
internal static class ContractFiles
{
    public static string Root { get; } =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    public static string Schema(string name) => File.ReadAllText(Path.Combine(Root, "schemas", name));

    public static string Golden(string name) =>
        File.ReadAllText(Path.Combine(Root, "tests", "StreamRec.Tests", "Golden", name));

    /// <summary>The example beside a page, which the page shows as it is.</summary>
    public static string Example(string name, string page)
    {
        var example = Schema(name);
        Assert.Contains($"```json\n{example}```", Schema(page));
        return example;
    }

    /// <summary>A page's table rows whose first cell is one word of code, by that word.</summary>
    public static IReadOnlyDictionary<string, string> Rows(string page, string heading)
    {
        var text = Schema(page);
        var start = text.IndexOf(heading, StringComparison.Ordinal);
        Assert.True(start >= 0, $"{page} has no {heading}");
        return text[start..]
            .Split('\n')
            .SkipWhile(line => !line.StartsWith("| `", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1].Trim('`'), cells => cells[2]);
    }

    public static bool IsValid(string schema, string json)
    {
        var instance = JsonSerializer.Deserialize<JsonElement>(json);
        return s_schemas.GetOrAdd(schema, name => JsonSchema.FromText(Schema(name))).Evaluate(instance).IsValid;
    }

    public static string Compact(string json) =>
        JsonNode
            .Parse(json)!
            .ToJsonString(
                new JsonSerializerOptions
                {
                    Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            );

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, JsonSchema> s_schemas = new();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
