using System.Text.Json;
using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Events;
using StreamRec.Files;
using StreamRec.Ranking.Caps;

namespace StreamRec.Input;

/// <summary>
/// A file of items as a catalogue: one JSON object a line, <c>item_id</c> and the fields of schemas/item.md. What is no
/// item is told on stderr, and left out.
/// </summary>
internal static class CatalogueFile
{
    /// <exception cref="StreamRecException">The file has none of these items.</exception>
    public static CatalogueView Read(
        string path,
        IReadOnlyList<string> itemIds,
        ItemFilter filter,
        ListCap? cap,
        CancellationToken cancel = default
    )
    {
        var fold = new CatalogueFold("", filter, cap);
        var bad = new BadInput(path, "lines");
        long number = 0;
        using var file = InputFile.Open(path, cancel);
        using var reader = new StreamReader(file.Stream);
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line) && Apply(fold, number, line) is { } fault)
            {
                bad.Tell($"{path}:{number}: {fault}");
            }
        }
        bad.TellAll();
        return fold.View() is { } view && !itemIds.Skip(1).All(view.Eligible.IsWithdrawn)
            ? view
            : throw new StreamRecException(
                $"'{path}' has {fold.Items} items, and of the {itemIds.Count - 1} that the bundle knows, such as "
                    + $"'{Excerpt.Of(itemIds[1])}', none that is available: give lines such as "
                    + "{\"item_id\": \"1\", \"categories\": [\"Drama\"], \"attributes\": {\"price\": 7.5}}.",
                FaultKind.Input
            );
    }

    private static string? Apply(CatalogueFold fold, long number, string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (
                document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("item_id", out var id)
                || id.ValueKind != JsonValueKind.String
            )
            {
                return "item_id is missing, or no text";
            }
            var (key, value) = (
                System.Text.Encoding.UTF8.GetBytes(id.GetString()!),
                System.Text.Encoding.UTF8.GetBytes(line)
            );
            return fold.Apply(new LogRecord(number, 0, 0, key, value))?.Sentence;
        }
        // Half of a surrogate pair is no text.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return "it is not one JSON object";
        }
    }
}
