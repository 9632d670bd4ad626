using StreamRec.Evaluation;
using StreamRec.Training.Layers;
using StreamRec.Training.Numerics;

namespace StreamRec.Training;

/// <summary>Held-out users' next items, ranked by the model and by the baselines in the same way.</summary>
internal sealed class Validation(IReadOnlyList<RankingCase> cases, int window, bool filterSeen)
{
    private const int Chunk = 64;

    /// <summary>Where the encoder starts in n events: at least the last min(n, W), at most the last 2W−1 of them.</summary>
    public static int BlockStart(int n, int window) => window * Math.Max(0, (n / window) - 1);

    public Quality OfModel(EncoderNetwork network, EncoderWeights weights)
    {
        var metrics = new RankingMetrics();
        var scores = new Block();
        var gathered = new Block();
        foreach (RankingCase[] chunk in cases.OrderByDescending(c => c.History.Length).Chunk(Chunk))
        {
            var batch = new PackedBatch(chunk.Select(c => c.History[BlockStart(c.History.Length, window)..]).ToArray());
            Block users = network.Forward(batch);
            gathered.Resize(chunk.Length, weights.Dimension);
            for (int place = 0; place < chunk.Length; place++)
            {
                users.RowSpan(batch.LastRow[place]).CopyTo(gathered.RowSpan(batch.Order[place]));
            }

            Gemm.Multiply(gathered, weights.Embedding.PackedTransposed, scores.Resize(chunk.Length, weights.Embedding.Value.Rows));
            unsafe
            {
                Simd.AddBias(scores, weights.ItemBias.Value.Data);
            }

            for (int row = 0; row < chunk.Length; row++)
            {
                ReadOnlySpan<int> seen = filterSeen ? chunk[row].History.Span : [];
                metrics.Add(RankingMetrics.RankOf(scores.RowSpan(row)[..(weights.Items + 1)], chunk[row].Target, seen));
            }
        }

        return Of(metrics);
    }

    public (Quality Popularity, Quality Markov) OfBaselines(IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        var popularity = new PopularityRanker();
        var markov = new MarkovRanker();
        for (int user = 0; user < training.Count; user++)
        {
            int previous = 0;
            foreach (int item in training[user].Span)
            {
                popularity.Observe(user, previous, item);
                markov.Observe(user, previous, item);
                previous = item;
            }
        }

        var byPopularity = new RankingMetrics();
        var byMarkov = new RankingMetrics();
        foreach (RankingCase asked in cases)
        {
            HashSet<int> seen = filterSeen ? [.. asked.History.Span] : [];
            byPopularity.Add(popularity.RankOf(asked.Target, seen));
            byMarkov.Add(markov.RankOf(asked.History.Span[^1], asked.Target, seen));
        }

        return (Of(byPopularity), Of(byMarkov));
    }

    private static Quality Of(RankingMetrics metrics) => metrics.Count == 0
        ? new Quality(double.NaN, double.NaN)
        : new Quality(metrics.HitRate(10), metrics.Ndcg(10));
}
