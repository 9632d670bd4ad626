using StreamRec.Models;
using StreamRec.Reranking;
using StreamRec.Training.Runs;

namespace StreamRec.Training.Reranking;

/// <summary>A re-ranker, and what it gains on users that it was not fitted on but chosen by.</summary>
public sealed record FittedReranker
{
    internal FittedReranker(NetworkWeights network) => Network = network;

    internal NetworkWeights Network { get; }

    /// <summary>The bytes of weights.bin.</summary>
    public byte[] Weights { get; init; } = [];

    /// <summary>The bytes of transitions.bin.</summary>
    public byte[] Transitions { get; init; } = [];

    /// <summary>Targets that it was fitted on.</summary>
    public required int Fitted { get; init; }

    /// <summary>Users that the epoch was chosen by.</summary>
    public required int Choosing { get; init; }

    /// <summary>0: no epoch was better than the first pass.</summary>
    public required int Epoch { get; init; }

    /// <summary>Of the first pass, on the choosing users.</summary>
    public required Quality Before { get; init; }

    /// <summary>With the network, on the same.</summary>
    public required Quality After { get; init; }

    /// <summary>What it gains, as a share of the NDCG@10 without it.</summary>
    public double Gain => Before.Ndcg10 > 0 ? (After.Ndcg10 / Before.Ndcg10) - 1 : 0;

    /// <summary>
    /// What it gains in NDCG@10 at least: the lower end of the 95 % interval of the differences, user by user.
    /// </summary>
    public double LeastGain { get; init; }

    /// <summary>As <see cref="Gain"/>, of <see cref="LeastGain"/>.</summary>
    public double GainAtLeast => Before.Ndcg10 > 0 ? LeastGain / Before.Ndcg10 : 0;

    /// <summary>Whether it surely gains.</summary>
    public bool Pays => LeastGain > 0;

    /// <summary>A bundle's contents with it, where it pays; with what it was found to be worth in any case.</summary>
    public BundleContents AddTo(BundleContents contents) =>
        contents with
        {
            Reranker = Pays ? ToContents() : null,
            Quality = Before.IsMeasured
                ? new Dictionary<string, double>(contents.Quality)
                {
                    ["reranker.users"] = Choosing,
                    ["reranker.ndcg@10"] = After.Ndcg10,
                    ["reranker.without.ndcg@10"] = Before.Ndcg10,
                    ["reranker.gain.ndcg@10.least"] = LeastGain,
                }
                : contents.Quality,
        };

    /// <summary>What a bundle needs of it.</summary>
    public RerankerContents ToContents() =>
        new()
        {
            Manifest = new RerankerManifest { Candidates = RerankerFit.Candidates, Features = RerankingFeatures.All },
            Network = RerankerExport.Write(Network),
            Weights = Weights,
            Transitions = Transitions,
        };

    /// <summary>The network as it is served.</summary>
    public RerankingNetwork ToNetwork() => Compile(Network);

    internal static RerankingNetwork Compile(NetworkWeights weights) =>
        new(
            weights.Skip.Span.ToArray(),
            weights.Hidden.Span.ToArray(),
            weights.Bias.Span.ToArray(),
            weights.Output.Span.ToArray()
        );
}
