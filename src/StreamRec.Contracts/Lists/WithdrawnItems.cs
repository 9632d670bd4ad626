using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamRec.Lists;

/// <summary>
/// Items that are to be left out of lists which were written before they were withdrawn: schemas/redis-keys.md.
/// Immutable.
/// </summary>
/// <param name="Catalogue">The state of the catalogue that says so.</param>
/// <param name="Items">Ids.</param>
public sealed record WithdrawnItems(CatalogueVersion Catalogue, IReadOnlyList<string> Items)
{
    private const int CurrentFormat = 1;

    private readonly HashSet<string> _items = Items is null ? [] : new(Items, StringComparer.Ordinal);

    /// <summary>Of the text, 1.</summary>
    [JsonPropertyOrder(-1)]
    public int Format { get; init; } = CurrentFormat;

    /// <summary>That made the model live whose items they are; null: none did.</summary>
    public long? Promotion { get; init; }

    /// <summary>The text in Redis, in UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PublishedListJson.Line.WithdrawnItems);

    /// <summary>Null where the bytes are of another format, or none of this kind: nothing is known to be
    /// withdrawn.</summary>
    public static WithdrawnItems? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return
                JsonSerializer.Deserialize(json, PublishedListJson.Line.WithdrawnItems)
                    is { Format: CurrentFormat, Items: not null } read
                ? read
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A list without the items that were withdrawn since it was written.</summary>
    public PublishedList Without(PublishedList list)
    {
        if (
            list.Catalogue is not { } known
            || (known.TopicUuid == Catalogue.TopicUuid && known.Offset >= Catalogue.Offset)
        )
        {
            return list;
        }
        int[] left = [.. Enumerable.Range(0, list.Items.Count).Where(place => !_items.Contains(list.Items[place]))];
        return left.Length == list.Items.Count
            ? list
            : list with
            {
                Items = [.. left.Select(place => list.Items[place])],
                Scores = [.. left.Select(place => list.Scores[place])],
            };
    }
}
