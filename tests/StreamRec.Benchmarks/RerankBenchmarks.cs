using BenchmarkDotNet.Attributes;
using StreamRec.Reranking;

namespace StreamRec.Benchmarks;

/// <summary>
/// A list of 100 candidates re-ranked: D = 128, 32 hidden units, tables of random numbers. Users
/// come one after the other, so that rows are seldom in the nearest caches.
/// </summary>
[MemoryDiagnoser]
public class RerankBenchmarks
{
    private const int Lists = 1000,
        Candidates = 100,
        Dimension = 128,
        Units = 32,
        Others = 200;

    private int[][] _histories = null!;
    private int[][] _candidates = null!;
    private readonly int[] _items = new int[Candidates];
    private readonly float[] _scores = new float[Candidates];
    private NetworkReranker _reranker = null!;

    /// <summary>3,416: all weights, as of ml-1m; 12,101: the 200 largest of each item, as of Beauty.</summary>
    [Params(3416, 12_101)]
    public int Items { get; set; }

    /// <summary>Events of a user.</summary>
    [Params(5, 60)]
    public int History { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var rows = Items + 1;
        int[] starts = [0, 0, .. Enumerable.Range(1, Items).Select(row => row * Others)],
            others = [.. Enumerable.Range(0, Items).SelectMany(_ => Row(random))];
        float[] scales = [.. Enumerable.Range(0, rows).Select(_ => 1e-5f)];
        var weights =
            Items > 5000
                ? ItemWeights.Write(scales, starts, others, Bytes(random, others.Length))
                : ItemWeights.Write(scales, Bytes(random, rows * rows));
        ushort[] counts = [.. others.Select(_ => (ushort)random.Next(20))];
        var transitions = ItemTransitions.Write(
            [.. Enumerable.Range(0, rows).Select(_ => 300)],
            starts,
            others,
            [counts, counts, counts],
            [.. counts.Select(count => (float)count)]
        );
        if (
            !ItemWeights.TryRead(weights, rows, out var readWeights)
            || !ItemTransitions.TryRead(transitions, rows, out var readTransitions)
        )
        {
            throw new InvalidOperationException("A table cannot be read again.");
        }
        var features = RerankingFeatures.All.Count;
        _reranker = new NetworkReranker(
            new RerankingTables(Floats(random, rows * Dimension), Dimension, readWeights, readTransitions),
            new RerankingNetwork(
                Floats(random, features),
                Floats(random, features * Units),
                Floats(random, Units),
                Floats(random, Units)
            ),
            RerankingFeatures.All,
            Candidates,
            window: 200
        );
        _histories = [.. Enumerable.Range(0, Lists).Select(_ => Draw(random, History))];
        _candidates = [.. Enumerable.Range(0, Lists).Select(_ => Draw(random, Candidates))];
    }

    /// <summary>Per list.</summary>
    [Benchmark(OperationsPerInvoke = Lists)]
    public void Rerank()
    {
        for (var list = 0; list < Lists; list++)
        {
            _candidates[list].CopyTo(_items, 0);
            for (var place = 0; place < Candidates; place++)
            {
                _scores[place] = -.05f * place;
            }
            _reranker.Rerank(_histories[list], _items, _scores);
        }
    }

    // Common items come more often, as they do.
    private int[] Draw(Random random, int count)
    {
        var drawn = new HashSet<int>();
        while (drawn.Count < count)
        {
            drawn.Add(1 + (int)(Items * Math.Pow(random.NextDouble(), 2)));
        }
        return [.. drawn];
    }

    private int[] Row(Random random) => [.. Draw(random, Others).Order()];

    private static sbyte[] Bytes(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];

    private static float[] Floats(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - .5f)];
}
