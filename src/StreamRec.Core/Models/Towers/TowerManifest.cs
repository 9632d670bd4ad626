using System.Text.Json.Serialization;
using StreamRec.Events;

namespace StreamRec.Models.Towers;

/// <summary>tower.json of a bundle: what the rows of tower.f32 stand for. See schemas/bundle.md.</summary>
public sealed record TowerManifest
{
    /// <summary>Features at most.</summary>
    public const int MostFeatures = 1_000_000;

    /// <summary>Bytes of the file at most.</summary>
    internal const int MostBytes = 256 << 20;

    [JsonPropertyName("fields")]
    public required TowerFields Fields { get; init; }

    /// <summary>By share, ascending.</summary>
    [JsonPropertyName("shares")]
    public required IReadOnlyList<TowerShare> Shares { get; init; }

    /// <summary>H names in ordinal order: that at k is of row k + 1, row 0 being every item's.</summary>
    [JsonPropertyName("features")]
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>What is wrong with it; null: nothing.</summary>
    internal string? Fault() =>
        Fields is null ? "fields is missing"
        : Fields.Numbers is null || Fields.Numbers.Any(number => number is not { Name: not null, Edges: not null })
            ? "a number of fields lacks its name or its edges"
        : Fields.Numbers.Select(number => number.Name).Distinct().Count() != Fields.Numbers.Count
            ? "two numbers of fields have one name"
        : Fields.Numbers.FirstOrDefault(number => !IsAscending(number.Edges)) is { } wrong
            ? $"the edges of \"{Excerpt.Of(wrong.Name)}\" are not 1 to {NumberField.MostEdges} finite numbers, "
                + "ascending"
        : Features is null || Features.Count > MostFeatures ? $"features must be up to {MostFeatures} names"
        : !IsAscending(Features) ? "features are not in ordinal order, each once"
        : SharesFault();

    private string? SharesFault()
    {
        if (Shares is null || Shares.Count == 0)
        {
            return "shares is missing or empty";
        }
        var before = 0.0;
        foreach (var row in Shares)
        {
            if (!(row.Share > before && row.Share <= 1))
            {
                return "the shares are not in 0..1, ascending";
            }
            if (!(row.Gamma > 0) || !float.IsFinite(row.Gamma) || !float.IsFinite(row.Beta))
            {
                return "gamma is not above 0, or gamma or beta is not finite";
            }
            before = row.Share;
        }
        return null;
    }

    private static bool IsAscending(IReadOnlyList<double> edges) =>
        edges.Count is > 0 and <= NumberField.MostEdges
        && edges.All(double.IsFinite)
        && edges.Zip(edges.Skip(1)).All(pair => pair.First < pair.Second);

    private static bool IsAscending(IReadOnlyList<string> names) =>
        names.All(name => !string.IsNullOrEmpty(name))
        && names.Zip(names.Skip(1)).All(pair => string.CompareOrdinal(pair.First, pair.Second) < 0);
}
