namespace StreamRec.Catalogue;

/// <summary>What a record of the catalogue says of an item, as far as the program uses it: schemas/item.md.</summary>
/// <param name="Title">Null: none.</param>
public sealed record ItemFacts(
    string? Title,
    IReadOnlyList<string> Categories,
    IReadOnlyDictionary<string, AttributeValue> Attributes,
    Availability Availability
)
{
    /// <summary>Of an item of which nothing is said.</summary>
    public static readonly ItemFacts None = new(
        null,
        [],
        new Dictionary<string, AttributeValue>(),
        new Availability(Available: true)
    );
}
