using System.Numerics.Tensors;
using StreamRec.Evaluation;
using StreamRec.Models;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking;
using StreamRec.Reranking;
using StreamRec.Training.Data;
using StreamRec.Training.Runs;

namespace StreamRec.Training.Reranking;

/// <summary>
/// What a re-ranker is fitted on: a model, the events that it was trained on, and others that it was not.
/// </summary>
public sealed record RerankerInput
{
    /// <summary>Item vectors [N+1,D], row-major.</summary>
    public required float[] Vectors { get; init; }

    public required int Dimension { get; init; }

    /// <summary>N+1, or null.</summary>
    public float[]? Biases { get; init; }

    /// <summary>W.</summary>
    public required int Window { get; init; }

    public required bool ExcludeSeen { get; init; }

    public required int Seed { get; init; }

    /// <summary>Sequences that the model was trained on: the tables count these alone.</summary>
    public required IReadOnlyList<ReadOnlyMemory<int>> Training { get; init; }

    /// <summary>Next events that it was not trained on.</summary>
    public required IReadOnlyList<RankingCase> Cases { get; init; }

    /// <summary>User vectors [B,D] of B blocks of histories.</summary>
    public required Func<IReadOnlyList<ReadOnlyMemory<int>>, float[]> Encode { get; init; }
}

/// <summary>Tables and network of a re-ranker, fitted on the targets that validation held out.</summary>
public static class RerankerFit
{
    public const int Candidates = 100;

    private const int MostFitted = 5000;
    private const int MostChoosing = 1000;
    private const int ChoosingShare = 5;
    private const int Units = 32;
    private const int Epochs = 15;
    private const float Rate = 2e-3f;
    private const float Decay = 0.01f;
    private const int Chunk = 256;

    /// <summary>Held-out events below which nothing is fitted.</summary>
    public const int LeastCases = 100;

    /// <summary>Of a model that was just trained, on the events that its validation held out.</summary>
    /// <param name="data">What it was trained on.</param>
    public static FittedReranker Of(TrainedModel trained, SequenceData data, CancellationToken cancel = default)
    {
        var contents = trained.ToContents();
        var split = Trainer.HoldOut(data.Sequences, trained.Plan.ValidationUsers);
        var input = new RerankerInput
        {
            Vectors = contents.Vectors.ToArray(),
            Dimension = contents.Dimension,
            Biases = contents.Biases.ToArray(),
            Window = contents.Window,
            ExcludeSeen = contents.ExcludeSeen == true,
            Seed = trained.Plan.Seed,
            Training = split.Training,
            Cases = split.Cases,
            Encode = trained.Encode,
        };
        return Fit(input, cancel);
    }

    public static FittedReranker Fit(RerankerInput input, CancellationToken cancel = default)
    {
        if (input.Cases.Count < LeastCases)
        {
            return new FittedReranker(new NetworkWeights(RerankingFeatures.All.Count, Units))
            {
                Fitted = input.Cases.Count,
                Choosing = 0,
                Epoch = 0,
                Before = new(double.NaN, double.NaN),
                After = new(double.NaN, double.NaN),
            };
        }
        var items = (input.Vectors.Length / input.Dimension) - 1;
        var places = new EventPlaces(input.Training, items);
        byte[] weights = WeightTable.Write(places, cancel),
            transitions = TransitionTable.Write(places);
        if (
            !ItemWeights.TryRead(weights, items + 1, out var readWeights)
            || !ItemTransitions.TryRead(transitions, items + 1, out var readTransitions)
        )
        {
            throw new InvalidOperationException("A table cannot be read again.");
        }
        var tables = new RerankingTables(input.Vectors, input.Dimension, readWeights!, readTransitions!);
        RankingCase[] order = [.. input.Cases];
        new Random(input.Seed).Shuffle(order);
        var choosing = Math.Min(MostChoosing, order.Length / ChoosingShare);
        var cases = Prepare(input, tables, order[..Math.Min(order.Length, choosing + MostFitted)], cancel);
        return Fit(input.Seed, cases[choosing..], cases[..choosing], cancel) with
        {
            Weights = weights,
            Transitions = transitions,
        };
    }

    private static FittedReranker Fit(int seed, FitCase[] fitted, FitCase[] choosing, CancellationToken cancel)
    {
        var features = RerankingFeatures.All.Count;
        (var means, var inverses) = Scales(fitted, features);
        Scale(fitted, means, inverses);

        // The first pass' order, until something better is learnt: its score is a logarithm of a probability.
        var skip = new float[features];
        skip[0] = inverses[0] > 0 ? 1 / inverses[0] : 0;
        var fit = new NetworkFit(fitted, skip, Units, seed);
        var best = new NetworkWeights(features, Units);
        best.Skip.Span[0] = 1;
        (var before, var bestLoss) = Judge(choosing, best);
        (var after, var bestEpoch) = (before, 0);
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            cancel.ThrowIfCancellationRequested();
            fit.Epoch(Rate * 0.5f * (1 + MathF.Cos(MathF.PI * (epoch - 1f) / Epochs)), Decay);
            var now = fit.Weights.Unscaled(means, inverses);
            (var metrics, var loss) = Judge(choosing, now);

            // By the loss, which hangs on chance less than the few ranks that NDCG@10 sees.
            if (loss < bestLoss)
            {
                (bestLoss, bestEpoch, best, after) = (loss, epoch, now, metrics);
            }
        }
        return new FittedReranker(best)
        {
            Fitted = fitted.Length,
            Choosing = choosing.Length,
            Epoch = bestEpoch,
            Before = new(before.HitRate(10), before.Ndcg(10)),
            After = new(after.HitRate(10), after.Ndcg(10)),
            LeastGain = after.IntervalsAbove(before)["ndcg@10"] is [var least, _] ? least : 0,
        };
    }

    private static FitCase[] Prepare(
        RerankerInput input,
        RerankingTables tables,
        RankingCase[] asked,
        CancellationToken cancel
    )
    {
        var index = ItemIndex.Build(input.Vectors, input.Dimension, input.Biases);
        var eligible = new Eligibility(input.ExcludeSeen, Eligibility.LeastKept(input.Window));
        var result = new FitCase[asked.Length];
        var chunks = (asked.Length + Chunk - 1) / Chunk;
        var encoded = new float[chunks][];
        int[][] of = [.. Enumerable.Range(0, asked.Length).OrderBy(at => asked[at].History.Length).Chunk(Chunk)];
        for (var chunk = 0; chunk < of.Length; chunk++)
        {
            cancel.ThrowIfCancellationRequested();
            encoded[chunk] = input.Encode([
                .. of[chunk]
                    .Select(at => asked[at].History)
                    .Select(history => history[(int)Encoders.EncodingWindow.Start(history.Length, input.Window)..]),
            ]);
        }
        Parallel.For(
            0,
            of.Length,
            new ParallelOptions { CancellationToken = cancel },
            () => (Search: new TopN(index), Features: new CandidateFeatures(tables)),
            (chunk, _, own) =>
            {
                for (var row = 0; row < of[chunk].Length; row++)
                {
                    result[of[chunk][row]] = Prepare(
                        asked[of[chunk][row]],
                        encoded[chunk].AsSpan(row * input.Dimension, input.Dimension),
                        own.Search,
                        own.Features,
                        eligible,
                        input.Window
                    );
                }
                return own;
            },
            _ => { }
        );
        return result;
    }

    private static FitCase Prepare(
        RankingCase asked,
        ReadOnlySpan<float> user,
        TopN search,
        CandidateFeatures features,
        Eligibility eligible,
        int window
    )
    {
        var items = new int[Candidates];
        var scores = new float[Candidates];
        var history = asked.History.Span;
        var count = search.Search(user, eligible.Excluded(history), items, scores);
        var recent = new int[RerankingTables.MostHistory];
        var known = RerankingTables.Recent(history, window, recent);
        features.Compute(recent.AsSpan(0, known), items.AsSpan(0, count), scores.AsSpan(0, count));
        var columns = features.Columns(RerankingFeatures.All);
        var rows = new float[count * columns.Length];
        for (var place = 0; place < count; place++)
        {
            for (var feature = 0; feature < columns.Length; feature++)
            {
                rows[(place * columns.Length) + feature] = columns[feature][place];
            }
        }
        return new FitCase(rows, count, items.AsSpan(0, count).IndexOf(asked.Target));
    }

    private static (float[] Means, float[] Inverses) Scales(FitCase[] cases, int features)
    {
        var sums = new double[features];
        var squares = new double[features];
        var rows = cases.Sum(one => (long)one.Count);
        foreach (var one in cases)
        {
            for (var at = 0; at < one.Count * features; at++)
            {
                sums[at % features] += one.Features[at];
                squares[at % features] += (double)one.Features[at] * one.Features[at];
            }
        }
        var means = new float[features];
        var inverses = new float[features];
        for (var feature = 0; feature < features; feature++)
        {
            double mean = sums[feature] / rows,
                deviation = Math.Sqrt(Math.Max(0, (squares[feature] / rows) - (mean * mean)));
            means[feature] = (float)mean;

            // What does not vary says nothing.
            inverses[feature] = deviation > 1e-6 ? (float)(1 / deviation) : 0;
        }
        return (means, inverses);
    }

    private static void Scale(FitCase[] cases, float[] means, float[] inverses)
    {
        foreach (var one in cases)
        {
            for (var at = 0; at < one.Count * means.Length; at++)
            {
                one.Features[at] = (one.Features[at] - means[at % means.Length]) * inverses[at % means.Length];
            }
        }
    }

    /// <summary>Ranks of the targets, ties counting against, and the mean loss of those that are candidates.</summary>
    private static (RankingMetrics Ranks, double Loss) Judge(FitCase[] cases, NetworkWeights weights)
    {
        var ranks = new RankingMetrics();
        var network = FittedReranker.Compile(weights);
        float[][] columns =
        [
            .. Enumerable.Range(0, RerankingFeatures.All.Count).Select(_ => new float[CandidateFeatures.Stride]),
        ];
        var all = new float[CandidateFeatures.Stride];
        double loss = 0;
        foreach (var one in cases)
        {
            if (one.Target < 0)
            {
                ranks.Add(RankingMetrics.Miss);
                continue;
            }
            for (var at = 0; at < one.Count * columns.Length; at++)
            {
                columns[at % columns.Length][at / columns.Length] = one.Features[at];
            }
            network.Score(columns, one.Count, all);
            var scores = all.AsSpan(0, one.Count);
            var rank = 0;
            foreach (var score in scores)
            {
                rank += score < scores[one.Target] ? 0 : 1;
            }
            ranks.Add(rank);
            TensorPrimitives.SoftMax(scores, scores);
            loss -= Math.Log(Math.Max(1e-30, scores[one.Target]));
        }
        return (ranks, loss / Math.Max(1, cases.Count(one => one.Target >= 0)));
    }
}
