using System.Numerics.Tensors;
using StreamRec.Models;

namespace StreamRec.Encoders;

/// <summary>
/// Which user vectors a list can be made of: finite ones, and none so large that a sum of products with an item
/// overflows.
/// </summary>
/// <remarks>Beyond it a score may be no number, and there is no order of scores.</remarks>
public readonly struct VectorLimit(Bundle bundle)
{
    // Float32 overflows at 3.4e38; half of it, for rounding.
    private const double LargestSum = 1.7e38;

    private readonly float _largest = (float)(
        LargestSum / (Math.Max(1.0, TensorPrimitives.MaxMagnitude<float>(bundle.Vectors)) * bundle.Manifest.Dimension)
    );

    /// <param name="vectors">Any number of vectors, one after the other.</param>
    public bool Allows(ReadOnlySpan<float> vectors) =>
        // What is not a number is below nothing.
        vectors.IsEmpty
        || TensorPrimitives.MaxMagnitude(vectors) <= _largest;
}
