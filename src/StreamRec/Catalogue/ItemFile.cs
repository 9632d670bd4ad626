using System.Text.Json;
using System.Text.Json.Nodes;
using StreamRec.Events;
using StreamRec.Files;
using StreamRec.Input;

namespace StreamRec.Catalogue;

/// <summary>An item as a record of the catalogue has it.</summary>
/// <param name="Facts">What the value says.</param>
internal readonly record struct ItemRecord(string Id, byte[] Value, ItemFacts Facts);

/// <summary>A file of items; also gzip, a pipe, or `-` for standard input. Lines that hold none are counted and
/// told.</summary>
internal sealed class ItemFile(string format, string path, CancellationToken cancel = default)
{
    /// <summary>A JSON object a line: an item of schemas/item.md, and its <c>item_id</c> or <c>id</c>.</summary>
    public const string JsonLines = "jsonl";

    /// <summary>RecBole's atomic file of items: tabs, and a first line of NAME:TYPE.</summary>
    public const string Inter = "inter";

    public static readonly IReadOnlyList<string> Formats = [JsonLines, Inter];

    private const string IdName = "item_id",
        ShortIdName = "id";

    private readonly BadInput _bad = new(path, "lines");

    public long Bad => _bad.Count;

    /// <exception cref="StreamRecException">The file cannot be read, or holds no item.</exception>
    public IEnumerable<ItemRecord> Items()
    {
        using var file = InputFile.Open(path, cancel);
        using var lines = new StreamReader(file.Stream, System.Text.Encoding.UTF8);
        RecBoleItems? table = null;
        var good = 0L;
        for (var number = 1L; lines.ReadLine() is { } line; number++)
        {
            cancel.ThrowIfCancellationRequested();
            if (line.Length == 0)
            {
                continue;
            }
            if (format == Inter && table is null)
            {
                table =
                    RecBoleItems.Of(line)
                    ?? throw new StreamRecException(
                        $"'{path}' is no file of items as RecBole has them: its first line is '{Excerpt.Of(line)}', "
                            + "and must name the columns, item_id:token among them, tabs between.",
                        FaultKind.Input
                    );
                continue;
            }
            var read = table is null ? OfJson(line) : table.Read(line);
            if (Fault(read, out var facts) is { } fault)
            {
                _bad.Tell($"{path}:{number}: {fault}");
                continue;
            }
            good++;
            yield return new ItemRecord(read!.Value.Id, read.Value.Value, facts!);
        }
        _bad.TellAll();
        if (good == 0)
        {
            throw new StreamRecException($"'{path}' holds no item.", FaultKind.Input);
        }
    }

    private static string? Fault((string Id, byte[] Value)? read, out ItemFacts? facts)
    {
        facts = null;
        return read is not { } item ? "not a JSON object with an item_id, a string or an integer"
            : ItemJson.TryParse(System.Text.Encoding.UTF8.GetBytes(item.Id), item.Value, out facts, out var error)
                ? null
            : error.ToString();
    }

    private static (string Id, byte[] Value)? OfJson(string line)
    {
        try
        {
            if (
                JsonNode.Parse(line) is not JsonObject item
                || (item[IdName] is null ? ShortIdName : IdName) is not { } named
                || item[named] is not JsonValue id
            )
            {
                return null;
            }
            var text =
                id.TryGetValue(out string? name) ? name
                : id.TryGetValue(out long number) ? number.ToString(System.Globalization.CultureInfo.InvariantCulture)
                : null;
            item.Remove(named);
            return text is null ? null : (text, Written(item));
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException or InvalidOperationException)
        {
            // Not JSON, a name that stands twice, or half of a surrogate pair.
            return null;
        }
    }

    internal static byte[] Written(JsonObject item) =>
        System.Text.Encoding.UTF8.GetBytes(
            item.ToJsonString(new JsonSerializerOptions { Encoder = EventJson.WriterOptions.Encoder })
        );
}
