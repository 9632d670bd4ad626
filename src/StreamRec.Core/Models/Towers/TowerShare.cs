using System.Text.Json.Serialization;

namespace StreamRec.Models.Towers;

/// <summary>
/// How a new item's score is laid beside those of known ones, for new items to take a share of the slots:
/// γ·u·v + b + β.
/// </summary>
/// <param name="Share">Of the slots of lists of 10, where a tenth of the items are new.</param>
/// <param name="Gamma">γ.</param>
/// <param name="Beta">β.</param>
public readonly record struct TowerShare(
    [property: JsonPropertyName("share")] double Share,
    [property: JsonPropertyName("gamma")] float Gamma,
    [property: JsonPropertyName("beta")] float Beta
);
