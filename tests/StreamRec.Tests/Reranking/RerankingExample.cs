using StreamRec.Reranking;
using StreamRec.Training.Reranking;

namespace StreamRec.Tests.Reranking;

/// <summary>Tables of random sequences, and random networks.</summary>
internal static class RerankingExample
{
    public const int Items = 200,
        Dimension = 8,
        Window = 40;

    public static RerankingTables Tables(bool whole = true)
    {
        var random = new Random(7);
        ReadOnlyMemory<int>[] sequences =
        [
            .. Enumerable
                .Range(0, 300)
                .Select(_ => new ReadOnlyMemory<int>([
                    .. Enumerable.Range(0, 12).Select(_ => 1 + (random.Next(Items) * random.Next(Items) / Items)),
                ])),
        ];
        var places = new EventPlaces(sequences, Items);
        Assert.True(ItemWeights.TryRead(WeightTable.Write(places), Items + 1, out var weights));
        Assert.True(ItemTransitions.TryRead(TransitionTable.Write(places), Items + 1, out var transitions));
        float[] vectors =
        [
            .. new float[Dimension],
            .. Enumerable.Range(0, Items * Dimension).Select(_ => random.NextSingle() - .5f),
        ];
        return new RerankingTables(vectors, Dimension, whole ? weights : Sparse(weights), transitions);
    }

    public static NetworkWeights Weights(int features, int units, int seed)
    {
        var random = new Random(seed);
        var weights = new NetworkWeights(features, units);
        foreach (var part in weights.All)
        {
            foreach (ref var weight in part.Span)
            {
                weight = random.NextSingle() - .5f;
            }
        }
        return weights;
    }

    /// <summary>Candidates, none twice, with falling scores.</summary>
    public static (int[] Items, float[] Scores) Candidates(int count, int seed)
    {
        int[] items = [.. Enumerable.Range(1, Items)];
        new Random(seed).Shuffle(items);
        return (items[..count], [.. Enumerable.Range(0, count).Select(place => 3f - (.05f * place))]);
    }

    public static int[] History(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(0, Items + 1))];
    }

    // The same weights as a list of pairs.
    private static ItemWeights Sparse(ItemWeights whole)
    {
        var starts = new int[whole.Rows + 1];
        var items = new List<int>();
        var values = new List<sbyte>();
        for (var row = 0; row < whole.Rows; row++)
        {
            for (var item = 1; row > 0 && item < whole.Rows; item++)
            {
                if (whole.Values[(row * whole.Rows) + item] is not 0 and var value)
                {
                    items.Add(item);
                    values.Add(value);
                }
            }
            starts[row + 1] = items.Count;
        }
        Assert.True(
            ItemWeights.TryRead(
                ItemWeights.Write(whole.Scales, starts, [.. items], [.. values]),
                whole.Rows,
                out var sparse
            )
        );
        return sparse;
    }
}
