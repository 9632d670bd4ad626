using StreamRec.Events;
using StreamRec.Reranking;

namespace StreamRec.Models;

/// <summary>The next network of a bundle, with its tables: immutable, safe for any number of threads.</summary>
public sealed class BundleReranker
{
    private const int MostFeatures = 256;

    private BundleReranker(RerankerManifest manifest, RerankingTables tables, byte[] network) =>
        (Manifest, Tables, Network) = (manifest, tables, network);

    public RerankerManifest Manifest { get; }

    public RerankingTables Tables { get; }

    /// <summary>The bytes of reranker.onnx.</summary>
    public ReadOnlyMemory<byte> Network { get; }

    /// <summary>What is wrong with a manifest's reranker; null: nothing.</summary>
    internal static string? Fault(RerankerManifest reranker) =>
        reranker switch
        {
            { Candidates: < 2 or > RerankingTables.MostCandidates } =>
                $"reranker: candidates {reranker.Candidates} is not in 2..{RerankingTables.MostCandidates}",
            { Features: null or { Count: 0 or > MostFeatures } } =>
                $"reranker: features must be 1 to {MostFeatures} names",
            _ when reranker.Features.Except(RerankingFeatures.All).FirstOrDefault() is { } feature =>
                $"its re-ranker wants the feature '{Excerpt.Of(feature ?? "null")}', which this version does not "
                    + $"compute; it knows {string.Join(", ", RerankingFeatures.All)}",
            _ => null,
        };

    internal static BundleReranker Read(BundleReader files, BundleManifest manifest, float[] vectors)
    {
        foreach (var name in BundleFiles.OfReranker)
        {
            if (!files.Has(name))
            {
                throw files.Broken(BundleFiles.Manifest, $"it has a reranker and does not name {name}");
            }
        }
        var rows = manifest.Items + 1;
        if (!ItemWeights.TryRead(files.Bytes(BundleFiles.Weights), rows, out ItemWeights? weights))
        {
            throw files.Broken(BundleFiles.Weights, $"it is not a table of weights of {manifest.Items} items");
        }
        if (!ItemTransitions.TryRead(files.Bytes(BundleFiles.Transitions), rows, out ItemTransitions? transitions))
        {
            throw files.Broken(BundleFiles.Transitions, $"it is not a table of transitions of {manifest.Items} items");
        }
        return new BundleReranker(
            manifest.Reranker!,
            new RerankingTables(vectors, manifest.Dimension, weights, transitions),
            files.Bytes(BundleFiles.Reranker)
        );
    }
}
