using BenchmarkDotNet.Attributes;
using StreamRec.Models;
using StreamRec.Ranking.Variety;

namespace StreamRec.Benchmarks;

/// <summary>
/// The first places of a list chosen from 200 candidates, the dial at .5: vectors and categories (two of eighteen an
/// item) of random numbers, 60 events of history. Users come one after the other.
/// </summary>
[MemoryDiagnoser]
public class VarietyBenchmarks
{
    private const int Lists = 1000,
        Items = 3416,
        Candidates = 200,
        ListSize = 100,
        History = 60,
        Names = 18;

    private readonly int[] _items = new int[Candidates];
    private readonly float[] _scores = new float[Candidates];
    private int[][] _histories = null!;
    private int[][] _candidates = null!;
    private VarietyReranker _reranker = null!;

    [Params(64, 128)]
    public int Dimension { get; set; }

    [Params(10, 20, 100)]
    public int Places { get; set; }

    [Params(false, true)]
    public bool Categories { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var categories = new ItemCategories([
            [],
            .. Enumerable.Range(0, Items).Select(_ => (string[])[$"{random.Next(Names)}", $"{random.Next(Names)}"]),
        ]);
        var tables = new VarietyTables(
            [.. Enumerable.Range(0, (Items + 1) * Dimension).Select(_ => random.NextSingle() - .3f)],
            Dimension,
            [0, .. Enumerable.Range(0, Items).Select(_ => (long)random.Next(1000))],
            Categories ? categories : null
        );
        _reranker = new VarietyReranker(tables, DialPath.At(.5f), Places);
        _histories = [.. Enumerable.Range(0, Lists).Select(_ => Draw(random, History))];
        _candidates = [.. Enumerable.Range(0, Lists).Select(_ => Draw(random, Candidates))];
    }

    /// <summary>Per list.</summary>
    [Benchmark(OperationsPerInvoke = Lists)]
    public void Choose()
    {
        for (var list = 0; list < Lists; list++)
        {
            _candidates[list].CopyTo(_items, 0);
            for (var place = 0; place < Candidates; place++)
            {
                _scores[place] = -MathF.Log(1 + place);
            }
            _reranker.Choose(_histories[list], _items, _scores, ListSize);
        }
    }

    private static int[] Draw(Random random, int count)
    {
        var drawn = new HashSet<int>();
        while (drawn.Count < count)
        {
            drawn.Add(1 + random.Next(Items));
        }
        return [.. drawn];
    }
}
