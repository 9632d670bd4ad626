namespace StreamRec.Models;

/// <summary>What <see cref="BundleWriter"/> puts into a bundle that re-ranks.</summary>
public sealed record RerankerContents
{
    public required RerankerManifest Manifest { get; init; }

    /// <summary>The bytes of reranker.onnx.</summary>
    public required ReadOnlyMemory<byte> Network { get; init; }

    /// <summary>The bytes of weights.bin.</summary>
    public required ReadOnlyMemory<byte> Weights { get; init; }

    /// <summary>The bytes of transitions.bin.</summary>
    public required ReadOnlyMemory<byte> Transitions { get; init; }
}
