namespace StreamRec.Models;

/// <summary>The file names of a bundle.</summary>
public static class BundleFiles
{
    public const string Manifest = "manifest.json";
    public const string Encoder = "encoder.onnx";
    public const string Step = "step.onnx";
    public const string Explain = "explain.onnx";
    public const string Vectors = "vectors.f32";
    public const string Items = "items.jsonl";
    public const string Biases = "biases.f32";
    public const string Counts = "counts.i64";
    public const string Popularity = "popular.f32";
    public const string Categories = "categories.jsonl";
    public const string Segments = "segments.jsonl";
    public const string Trained = "trained.u32";
    public const string Reranker = "reranker.onnx";
    public const string Weights = "weights.bin";
    public const string Transitions = "transitions.bin";
    public const string Probe = "probe.json";
    public const string TowerRows = "tower.f32";
    public const string Tower = "tower.json";

    /// <summary>What a bundle that re-ranks has, all of it.</summary>
    public static readonly IReadOnlyList<string> OfReranker = [Reranker, Weights, Transitions];
}
