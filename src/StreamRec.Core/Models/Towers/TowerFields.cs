using System.Text.Json.Serialization;

namespace StreamRec.Models.Towers;

/// <summary>What of an item's facts a tower goes by, beside categories and attributes.</summary>
public sealed record TowerFields
{
    /// <summary>Whether by the words of the title.</summary>
    [JsonPropertyName("title")]
    public bool Title { get; init; }

    /// <summary>Whether by pairs of categories and attributes.</summary>
    [JsonPropertyName("pairs")]
    public bool Pairs { get; init; }

    /// <summary>The attributes that count by buckets.</summary>
    [JsonPropertyName("numbers")]
    public IReadOnlyList<NumberField> Numbers { get; init; } = [];

    /// <summary>Null: the attribute counts by its text.</summary>
    public NumberField? NumberOf(string attribute)
    {
        foreach (var number in Numbers)
        {
            if (number.Name == attribute)
            {
                return number;
            }
        }
        return null;
    }
}
