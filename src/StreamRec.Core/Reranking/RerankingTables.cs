using System.Numerics.Tensors;

namespace StreamRec.Reranking;

/// <summary>All that features are read from: immutable, safe for any number of threads.</summary>
public sealed class RerankingTables
{
    /// <summary>Candidates of a re-ranking at most, M.</summary>
    public const int MostCandidates = 128;

    /// <summary>Events of a history that are looked at, at most.</summary>
    public const int MostHistory = 100;

    /// <param name="vectors">[N+1,D], row-major; row 0 is padding.</param>
    public RerankingTables(float[] vectors, int dimension, ItemWeights weights, ItemTransitions transitions)
    {
        (Vectors, Dimension, Weights, Transitions) = (vectors, dimension, weights, transitions);
        InverseNorms = new float[vectors.Length / dimension];
        Popularity = new float[InverseNorms.Length];
        for (var item = 1; item < InverseNorms.Length; item++)
        {
            var norm = TensorPrimitives.Norm<float>(Vector(item));
            InverseNorms[item] = norm > 0 ? 1 / norm : 0;
            Popularity[item] = MathF.Log(1 + transitions.Counts[item]);
        }
    }

    internal float[] Vectors { get; }

    internal int Dimension { get; }

    internal ItemWeights Weights { get; }

    internal ItemTransitions Transitions { get; }

    /// <summary>1/‖v_i‖; 0 where the vector is 0.</summary>
    internal float[] InverseNorms { get; }

    /// <summary>ln(1 + count).</summary>
    internal float[] Popularity { get; }

    /// <summary>Asks the processor for an item's rows.</summary>
    internal void Prefetch(int item)
    {
        Weights.Prefetch(item);
        Transitions.Prefetch(item);
    }

    /// <summary>N.</summary>
    internal int Items => InverseNorms.Length - 1;

    internal ReadOnlySpan<float> Vector(int item) => Vectors.AsSpan(item * Dimension, Dimension);

    /// <summary>
    /// The last events of a history that are looked at: of the last min(100, 2W−1), those that the model knows.
    /// </summary>
    /// <param name="history">Items, oldest first, 0 for those that the model does not know.</param>
    /// <param name="window">W.</param>
    /// <param name="into">Room for <see cref="MostHistory"/>.</param>
    /// <param name="last">The last item that there is a row of.</param>
    /// <returns>How many there are; the newest first.</returns>
    public static int Recent(ReadOnlySpan<int> history, int window, Span<int> into, int last = int.MaxValue)
    {
        var looked = history[^Math.Min(history.Length, Math.Min(MostHistory, (2 * window) - 1))..];
        var count = 0;
        for (var at = looked.Length - 1; at >= 0; at--)
        {
            if (looked[at] > 0 && looked[at] <= last)
            {
                into[count++] = looked[at];
            }
        }
        return count;
    }
}
