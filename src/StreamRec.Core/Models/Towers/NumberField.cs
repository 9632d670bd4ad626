using System.Text.Json.Serialization;

namespace StreamRec.Models.Towers;

/// <summary>An attribute that is a number, or a text that reads as one, and the buckets that it falls into.</summary>
/// <param name="Name">The attribute's.</param>
/// <param name="Edges">Ascending; a number lies in the bucket of as many edges as are no larger than it.</param>
public sealed record NumberField(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("edges")] IReadOnlyList<double> Edges
)
{
    /// <summary>The most edges.</summary>
    public const int MostEdges = 255;

    public int BucketOf(double number)
    {
        var bucket = 0;
        while (bucket < Edges.Count && Edges[bucket] <= number)
        {
            bucket++;
        }
        return bucket;
    }
}
