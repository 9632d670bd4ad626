using StreamRec.Encoders;
using StreamRec.Evaluation;
using StreamRec.Numerics.Matrices;
using StreamRec.Ranking;
using StreamRec.Training.Evaluation;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;

namespace StreamRec.Training.Runs;

/// <summary>
/// Held-out users' next items, ranked by the model and by the baselines in the same way, as the lists of the worker
/// would hold them.
/// </summary>
internal sealed class Validation
{
    private const int Chunk = 64;
    private readonly RankingCase[] _cases;
    private readonly ReadOnlyMemory<int>[] _inputs;
    private readonly int[][] _excluded;
    private readonly int[] _targets;
    private readonly Eligibility _eligible;

    public Validation(IReadOnlyList<RankingCase> cases, int window, bool excludeSeen)
    {
        _cases = [.. cases.OrderByDescending(asked => asked.History.Length)];
        _inputs = [.. _cases.Select(asked => asked.History[(int)EncodingWindow.Start(asked.History.Length, window)..])];
        _eligible = new Eligibility(excludeSeen, Eligibility.LeastKept(window));
        _excluded = [.. _cases.Select(asked => _eligible.ExcludedOnce(asked.History.Span).ToArray())];
        _targets = [.. _cases.Select(asked => asked.Target)];
    }

    /// <param name="networks">All of the same weights: they encode side by side.</param>
    public Quality OfModel(EncoderNetwork[] networks, EncoderWeights weights)
    {
        int d = weights.Dimension,
            chunks = (_cases.Length + Chunk - 1) / Chunk;
        var users = new float[_cases.Length * d];
        Parallel.For(
            0,
            networks.Length,
            part =>
            {
                for (var chunk = part; chunk < chunks; chunk += networks.Length)
                {
                    int from = chunk * Chunk,
                        to = Math.Min(_cases.Length, from + Chunk);
                    var batch = new PackedBatch(_inputs[from..to]);
                    var encoded = networks[part].Forward(batch);
                    for (var place = 0; place < to - from; place++)
                    {
                        encoded.RowSpan(batch.LastRow[place]).CopyTo(users.AsSpan((from + batch.Order[place]) * d, d));
                    }
                }
            }
        );

        var rows = weights.Items + 1;
        var ranking = new DenseRanking(
            weights.Embedding.Seen.Span[..(rows * d)],
            d,
            weights.ItemBias.Value.Span[..rows]
        );
        var ranks = new int[_cases.Length];
        ranking.Rank(users, _targets, _excluded, ranks);
        return Of(ranks);
    }

    public (Quality Popularity, Quality Markov) OfBaselines(IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        StreamCaseRanker[] rankers =
        [
            new StreamCaseRanker("popularity", new PopularityRanker()),
            new StreamCaseRanker("markov", new MarkovRanker()),
        ];
        var qualities = new Quality[2];
        for (var at = 0; at < 2; at++)
        {
            for (var user = 0; user < training.Count; user++)
            {
                var previous = 0;
                foreach (var item in training[user].Span)
                {
                    rankers[at].Observe(user, previous, item);
                    previous = item;
                }
            }
            var ranks = new int[_cases.Length];
            rankers[at].Rank(_cases, _eligible, ranks);
            qualities[at] = Of(ranks);
        }
        return (qualities[0], qualities[1]);
    }

    private Quality Of(int[] ranks)
    {
        var metrics = new RankingMetrics();
        for (var at = 0; at < ranks.Length; at++)
        {
            metrics.Add(_eligible.Allows(_cases[at].History.Span, _cases[at].Target) ? ranks[at] : RankingMetrics.Miss);
        }
        return new Quality(metrics.HitRate(10), metrics.Ndcg(10));
    }
}
