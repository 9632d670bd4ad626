using System.Numerics.Tensors;

namespace StreamRec.Evaluation;

/// <summary>What evaluation knows of items: how common each is in the training data, and where it lies.</summary>
/// <param name="Counts">
/// N+1 counts; 0 at index 0, and for an item that the baselines were never trained on. All 0: no counts are known.
/// </param>
/// <param name="VectorOf">An item's vector, empty for one that the model lacks.</param>
/// <param name="InModel">Whether the model knows an item; null: it knows those with a count.</param>
public sealed record ItemStatistics(
    IReadOnlyList<long> Counts,
    Func<int, ReadOnlyMemory<float>> VectorOf,
    Func<int, bool>? InModel = null
)
{
    private readonly (long Head, long Middle) _bounds = Bounds(Counts);

    /// <summary>Items that some ranker was trained on.</summary>
    public int Known { get; } =
        Enumerable.Range(1, Counts.Count - 1).Count(item => Counts[item] > 0 || InModel?.Invoke(item) == true);

    /// <summary>Whether there are counts at all.</summary>
    public bool Counted { get; } = Counts.Any(count => count > 0);

    /// <summary>Whether some ranker was trained on the item.</summary>
    public bool Knows(int item) => Counts[item] > 0 || (item > 0 && InModel?.Invoke(item) == true);

    /// <summary>
    /// Where an item stands when all are sorted by count: <c>head</c> makes up the first half of all events,
    /// <c>middle</c> the next 30 %, <c>tail</c> the rest.
    /// </summary>
    public string PopularityOf(int item) =>
        Counts[item] == 0 ? "unseen"
        : Counts[item] >= _bounds.Head ? "head"
        : Counts[item] >= _bounds.Middle ? "middle"
        : "tail";

    /// <summary>The cosine of two items' vectors; null where one has none.</summary>
    public double? Similarity(int first, int second)
    {
        ReadOnlySpan<float> x = VectorOf(first).Span,
            y = VectorOf(second).Span;
        return x.IsEmpty || y.IsEmpty || TensorPrimitives.Norm(x) == 0 || TensorPrimitives.Norm(y) == 0
            ? null
            : TensorPrimitives.CosineSimilarity(x, y);
    }

    private static (long Head, long Middle) Bounds(IReadOnlyList<long> counts)
    {
        double total = counts.Sum(count => (double)count),
            sum = 0;
        long head = long.MaxValue,
            middle = long.MaxValue;
        foreach (var count in counts.OrderDescending())
        {
            head = sum < 0.5 * total ? count : head;
            middle = sum < 0.8 * total ? count : middle;
            sum += count;
        }
        return (head, middle);
    }
}
