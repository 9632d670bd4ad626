using System.Numerics.Tensors;
using StreamRec.Models;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;
using StreamRec.Reranking;

namespace StreamRec.Similar;

/// <summary>
/// The items most like each item of a bundle, for pages that show one: the nearest by the cosine of their vectors,
/// exactly; where the bundle has weights of items for each other, these put the nearest in order. One thread at a time.
/// </summary>
public sealed class SimilarItems : IDisposable
{
    /// <summary>Items of a list at most: the nearest, which weights put in order.</summary>
    public const int MostItems = 100;

    /// <summary>Items that are searched for together.</summary>
    private const int Batch = 64;

    private readonly ItemWeights? _weights;
    private readonly ItemIndex _index;
    private readonly TopN _search;
    private readonly float[] _units;
    private readonly int _dimension;
    private readonly EligiblePositions? _eligible;

    /// <param name="withheld">Item indices that no list may hold.</param>
    public SimilarItems(Bundle bundle, ReadOnlySpan<int> withheld = default)
        : this(bundle.Vectors, bundle.Manifest.Dimension, bundle.Reranker?.Tables.Weights, withheld) { }

    /// <param name="vectors">[N+1,D], row-major; row 0 is padding.</param>
    /// <param name="weights">What puts the nearest in order; null: they stay as they are.</param>
    /// <param name="withheld">Item indices that no list may hold.</param>
    public SimilarItems(float[] vectors, int dimension, ItemWeights? weights, ReadOnlySpan<int> withheld = default)
    {
        (_dimension, _weights) = (dimension, weights);
        _units = Units(vectors, dimension);
        Items = (_units.Length / dimension) - 1;
        _index = ItemIndex.Build(_units, _dimension, biases: null);
        _search = new TopN(_index);
        _eligible = withheld.IsEmpty ? null : new EligiblePositions(_index, withheld);
    }

    /// <summary>N: items are 1 to N.</summary>
    public int Items { get; }

    /// <summary>
    /// Of each item, in order, the most similar ones, best first, with their scores: weights where there are such, else
    /// cosines. One whose vector is 0, which no event has taught anything, has none.
    /// </summary>
    /// <param name="size">Items of a list, 1 to <see cref="MostItems"/>.</param>
    public IEnumerable<SimilarList> All(int size, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MostItems);
        foreach (var chunk in Enumerable.Range(1, Items).Chunk(Batch))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var list in Search(chunk, size))
            {
                yield return list;
            }
        }
    }

    public void Dispose() => _index.Dispose();

    private static float[] Units(float[] vectors, int dimension)
    {
        var units = new float[vectors.Length];
        for (var row = 0; row < vectors.Length; row += dimension)
        {
            var vector = vectors.AsSpan(row, dimension);
            var norm = TensorPrimitives.Norm<float>(vector);
            if (norm > 0)
            {
                TensorPrimitives.Divide(vector, norm, units.AsSpan(row, dimension));
            }
        }
        return units;
    }

    private SimilarList[] Search(int[] items, int size)
    {
        var wanted = _weights is null ? size : MostItems;
        var batch = _search.Begin(items.Length, _eligible);
        foreach (var item in items)
        {
            batch.Add(Unit(item), [item]);
        }
        batch.Search(wanted);
        var lists = new SimilarList[items.Length];
        for (var place = 0; place < items.Length; place++)
        {
            var (near, scores) = (new int[wanted], new float[wanted]);
            var count = Unit(items[place]).ContainsAnyExcept(0f) ? batch.Write(place, near, scores) : 0;
            lists[place] = InOrder(items[place], near[..count], scores[..count], size);
        }
        return lists;
    }

    private SimilarList InOrder(int item, int[] near, float[] scores, int size)
    {
        if (_weights is not null)
        {
            // Stable, so that what weighs the same stands by cosine.
            var order = near.Select(other => (Item: other, Weight: _weights.Of(item, other)))
                .OrderByDescending(one => one.Weight)
                .ToArray();
            (near, scores) = (Array.ConvertAll(order, one => one.Item), Array.ConvertAll(order, one => one.Weight));
        }
        var count = Math.Min(size, near.Length);
        return new SimilarList(item, near[..count], scores[..count]);
    }

    private ReadOnlySpan<float> Unit(int item) => _units.AsSpan(item * _dimension, _dimension);
}

/// <summary>What is most like an item.</summary>
/// <param name="Item">Its index.</param>
/// <param name="Similar">Indices of others, best first.</param>
/// <param name="Scores">As many.</param>
public readonly record struct SimilarList(int Item, int[] Similar, float[] Scores);
