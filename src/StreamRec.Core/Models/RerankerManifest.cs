using System.Text.Json.Serialization;

namespace StreamRec.Models;

/// <summary>How a bundle's reranker.onnx is fed. See schemas/bundle.md.</summary>
public sealed record RerankerManifest
{
    /// <summary>M: so many of the best items of the first pass are put into another order.</summary>
    [JsonPropertyName("candidates")]
    public required int Candidates { get; init; }

    /// <summary>The columns of its input, in order.</summary>
    [JsonPropertyName("features")]
    public required IReadOnlyList<string> Features { get; init; }
}
