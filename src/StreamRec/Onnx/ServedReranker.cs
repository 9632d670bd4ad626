using Google.Protobuf;
using StreamRec.Models;
using StreamRec.Onnx.Graphs;
using StreamRec.Reranking;

namespace StreamRec.Onnx;

/// <summary>
/// A bundle's re-ranker as it is served: the graph that our exporter writes, by kernels that give each candidate the
/// same bits beside whatever others.
/// </summary>
public sealed class ServedReranker
{
    private readonly BundleReranker _reranker;
    private readonly RerankingNetwork _network;
    private readonly int _window;

    private ServedReranker(BundleReranker reranker, int window, RerankingNetwork network) =>
        (_reranker, _window, _network) = (reranker, window, network);

    /// <summary>Opens a bundle's re-ranker for a thread; null: the bundle does not re-rank.</summary>
    /// <exception cref="StreamRecException">Its graph is none that this version runs.</exception>
    public static Func<NetworkReranker>? OpenerOf(Bundle bundle) => Of(bundle) is { } reranker ? reranker.Open : null;

    /// <summary>Null: the bundle does not re-rank.</summary>
    /// <exception cref="StreamRecException">Its graph is none that this version runs.</exception>
    public static ServedReranker? Of(Bundle bundle)
    {
        if (bundle.Reranker is not { } reranker)
        {
            return null;
        }
        try
        {
            return new ServedReranker(
                reranker,
                bundle.Manifest.Window,
                RerankerGraph.Read(reranker.Network.ToArray(), reranker.Manifest.Features.Count)
            );
        }
        catch (Exception fault) when (fault is UnsupportedGraphException or InvalidProtocolBufferException)
        {
            throw new StreamRecException(
                $"The bundle {bundle.Manifest.ModelId}: {BundleFiles.Reranker} is not a graph that this version runs: "
                    + $"{fault.Message}. Train the bundle again, or leave the reranker out of its manifest.",
                FaultKind.Input,
                fault
            );
        }
    }

    /// <summary>Opens a re-ranker for one thread.</summary>
    public NetworkReranker Open() =>
        new(_reranker.Tables, _network, _reranker.Manifest.Features, _reranker.Manifest.Candidates, _window);
}
