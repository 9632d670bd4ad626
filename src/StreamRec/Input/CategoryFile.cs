using System.Text.Json;
using System.Text.Json.Serialization;
using StreamRec.Events;
using StreamRec.Files;
using StreamRec.Models;

namespace StreamRec.Input;

/// <summary>
/// A file of items: one JSON object a line, of which <c>item_id</c> and <c>categories</c> are taken. Of an item that
/// stands there twice the last line counts. What is no item is told on stderr, and left out.
/// </summary>
internal static class CategoryFile
{
    /// <returns>Of N+1 items their categories; none of those that the file does not name.</returns>
    /// <param name="itemIds">N+1, by index.</param>
    /// <exception cref="StreamRecException">The file has categories of none of these items.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Read(
        string path,
        IReadOnlyList<string> itemIds,
        CancellationToken cancel = default
    )
    {
        var index = itemIds.Skip(1).Select((id, at) => (id, Item: at + 1)).ToDictionary(pair => pair.id, p => p.Item);
        var result = new IReadOnlyList<string>[itemIds.Count];
        Array.Fill(result, []);
        var bad = new BadInput(path, "lines");
        long number = 0,
            items = 0;
        using var file = InputFile.Open(path, cancel);
        using var reader = new StreamReader(file.Stream);
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            if (!TryParse(line, out var read, out var fault))
            {
                bad.Tell($"{path}:{number}: {fault}");
                continue;
            }
            items++;
            if (index.TryGetValue(read.Id!, out var item))
            {
                result[item] = read.Categories ?? [];
            }
        }
        bad.TellAll();
        var categorised = result.Count(names => names.Count > 0);
        if (categorised == 0)
        {
            throw new StreamRecException(
                $"'{path}' has {items} items, and categories of none of the {itemIds.Count - 1} that there are events "
                    + $"of, such as '{Excerpt.Of(itemIds[1])}': give lines such as "
                    + "{\"item_id\": \"1\", \"categories\": [\"Drama\"]}, with the ids of the events.",
                FaultKind.Input
            );
        }
        Console.Error.WriteLine($"{categorised} of {itemIds.Count - 1} items have categories");
        return result;
    }

    private static bool TryParse(string line, out Item read, out string fault)
    {
        (read, fault) = (default!, "");
        try
        {
            read = JsonSerializer.Deserialize<Item>(line)!;
            fault =
                read is null || string.IsNullOrEmpty(read.Id) ? "item_id is missing"
                : read.Categories is { } categories ? ItemCategories.Fault(categories) ?? ""
                : "";
        }
        catch (JsonException)
        {
            fault = "it is not one JSON object with a text item_id and a list of texts categories";
        }
        return fault.Length == 0;
    }

    private sealed record Item(
        [property: JsonPropertyName("item_id")] string? Id,
        [property: JsonPropertyName("categories")] string[]? Categories
    );
}
