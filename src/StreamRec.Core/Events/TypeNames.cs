namespace StreamRec.Events;

/// <summary>Sets of event types, as people write and read them.</summary>
public static class TypeNames
{
    /// <summary>Types as people write them, commas between; empty: all.</summary>
    public static IReadOnlySet<string> Parse(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Types as a sentence names them; none: all.</summary>
    public static string Told(IEnumerable<string> types) =>
        types.Any()
            ? $"events of the types {string.Join(", ", types.Order(StringComparer.Ordinal))}"
            : "events of all types";
}
