using StreamRec.Events;
using StreamRec.Models;

namespace StreamRec.Catalogue;

/// <summary>
/// A file of items, as `catalogue import jsonl` takes it: one JSON object a line, <c>item_id</c> and the fields of
/// schemas/item.md. Of an item that stands there twice the last line counts.
/// </summary>
internal sealed class ItemFactsFile
{
    private readonly string _path;
    private readonly Dictionary<string, ItemFacts> _items = new(StringComparer.Ordinal);

    private ItemFactsFile(string path) => _path = path;

    /// <summary>Null: the file does not name the item.</summary>
    public ItemFacts? Of(string itemId) => _items.GetValueOrDefault(itemId);

    /// <exception cref="StreamRecException">The file cannot be read, or names none of these items.</exception>
    /// <param name="itemIds">N+1, by index.</param>
    public static ItemFactsFile Read(string path, IReadOnlyList<string> itemIds, CancellationToken cancel = default)
    {
        var file = new ItemFactsFile(path);
        foreach (var item in new ItemFile(ItemFile.JsonLines, path, cancel).Items())
        {
            file._items[item.Id] = item.Facts;
        }
        return itemIds.Skip(1).Any(file._items.ContainsKey)
            ? file
            : throw new StreamRecException(
                $"'{path}' has {file._items.Count} items, and none of the {itemIds.Count - 1} that there are events "
                    + $"of, such as '{Excerpt.Of(itemIds[1])}': give lines such as "
                    + "{\"item_id\": \"1\", \"categories\": [\"Drama\"], \"attributes\": {\"price\": 7.5}}, with the "
                    + "ids of the events.",
                FaultKind.Input
            );
    }

    /// <summary>Of N+1 items what is known of them.</summary>
    public IReadOnlyList<ItemFacts?> Facts(IReadOnlyList<string> itemIds) =>
        [.. itemIds.Select((id, item) => item == 0 ? null : Of(id))];

    /// <summary>Of N+1 items their categories, none of those that are not named; null: no item has any.</summary>
    /// <exception cref="StreamRecException">An item has some that no bundle can hold.</exception>
    public IReadOnlyList<IReadOnlyList<string>>? Categories(IReadOnlyList<string> itemIds)
    {
        IReadOnlyList<string>[] result = [.. itemIds.Select((id, item) => item == 0 ? [] : Of(id)?.Categories ?? [])];
        for (var item = 1; item < result.Length; item++)
        {
            if (ItemCategories.Fault(result[item]) is { } fault)
            {
                throw new StreamRecException(
                    $"'{_path}', item '{Excerpt.Of(itemIds[item])}': {fault}.",
                    FaultKind.Input
                );
            }
        }
        var categorised = result.Count(names => names.Count > 0);
        Console.Error.WriteLine($"{categorised} of {itemIds.Count - 1} items have categories");
        return categorised > 0 ? result : null;
    }

    /// <summary>The same, of what goes by categories.</summary>
    /// <exception cref="StreamRecException">No item has any.</exception>
    public ItemCategories RequiredCategories(IReadOnlyList<string> itemIds) =>
        Categories(itemIds) is { } categories
            ? new ItemCategories(categories)
            : throw new StreamRecException(
                $"'{_path}' has categories of none of the {itemIds.Count - 1} items: give lines such as "
                    + "{\"item_id\": \"1\", \"categories\": [\"Drama\"]}.",
                FaultKind.Input
            );
}
