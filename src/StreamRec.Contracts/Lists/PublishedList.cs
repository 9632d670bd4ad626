using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamRec.Lists;

/// <summary>A published list as a reader sees it: schemas/list.md. Immutable.</summary>
public sealed record PublishedList
{
    /// <summary>The one format that this version reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The list's format; <see cref="Parse"/> refuses others than <see cref="CurrentFormat"/>.</summary>
    public required int Format { get; init; }

    /// <summary>How the items were chosen: one of <see cref="ListKinds"/>, or what a later version knows.</summary>
    public required string Kind { get; init; }

    /// <summary>Among whose users the items are popular; null: among all, or the list is a user's own.</summary>
    public string? Segment { get; init; }

    /// <summary>The bundle's model id.</summary>
    public required string Model { get; init; }

    /// <summary>Item ids, best first.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>As many scores, comparable within this list only.</summary>
    public required IReadOnlyList<float> Scores { get; init; }

    /// <summary>The newest event that the list includes; null for the popular list.</summary>
    public ListedEvent? LastEvent { get; init; }

    /// <summary>What the list includes; null for the popular list.</summary>
    public Through? Through { get; init; }

    /// <summary>Hash of the options that shape a list.</summary>
    public string Options
    {
        get;
        // What stands in no list is set too, to null.
        init => field = value ?? "";
    } = "";

    /// <summary>What said which items may be listed; null: no catalogue was followed.</summary>
    public CatalogueVersion? Catalogue { get; init; }

    /// <summary>Milliseconds since 1970, by the worker's clock.</summary>
    [JsonPropertyName("written_at")]
    public long WrittenAtMs { get; init; }

    /// <summary>Whether this is what a user without a list gets.</summary>
    [JsonIgnore]
    public bool IsPopular => Kind == ListKinds.Popular;

    /// <summary>Whether the user has seen all that a list may hold, and gets those items again.</summary>
    [JsonIgnore]
    public bool IsSeen => Kind == ListKinds.Seen;

    /// <summary>The list as one line of JSON, in the contract's form.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PublishedListJson.Line.PublishedList);

    /// <summary>Reads a list.</summary>
    /// <param name="json">UTF-8, as it stands under its key.</param>
    /// <exception cref="InvalidDataException">The bytes are no list, or one of a format that this version cannot
    /// read.</exception>
    public static PublishedList Parse(ReadOnlySpan<byte> json)
    {
        PublishedList? list;
        try
        {
            list = JsonSerializer.Deserialize(json, PublishedListJson.Line.PublishedList);
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"What stands under the key is no list: {fault.Message}", fault);
        }
        return list switch
        {
            null => throw new InvalidDataException("What stands under the key is null, not a list."),
            { Format: not CurrentFormat } => throw new InvalidDataException(
                $"The list's format is {list.Format}; this version reads {CurrentFormat}. Update the reader."
            ),
            _ when list.Items is null || list.Scores is null || list.Items.Count != list.Scores.Count =>
                throw new InvalidDataException("The list does not have as many scores as items."),
            _ when !list.IsWhole => throw new InvalidDataException(
                "The list holds null, or a score that is no finite number."
            ),
            _ => list,
        };
    }

    // What JSON can say, and the types cannot hold.
    [JsonIgnore]
    private bool IsWhole =>
        Kind is not null
        && Model is not null
        && !Items.Contains(null!)
        && Scores.All(float.IsFinite)
        && (LastEvent is null || LastEvent.Id is not null)
        && (Through is null || Through.Value.TopicUuid is not null)
        && (Catalogue is null || Catalogue.Value.TopicUuid is not null);
}

/// <summary>The newest event of a user that a list includes.</summary>
/// <param name="Id">The event's own.</param>
/// <param name="TimeMs">Milliseconds since 1970.</param>
public sealed record ListedEvent(string Id, [property: JsonPropertyName("ts")] long TimeMs);
