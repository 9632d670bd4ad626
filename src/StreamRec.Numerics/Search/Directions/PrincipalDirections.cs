using System.Numerics.Tensors;

namespace StreamRec.Numerics.Search.Directions;

/// <summary>
/// The directions along which a sample of vectors lies most: the leading eigenvectors of Σ v·vᵀ, by one-sided Jacobi
/// rotations (M. Hestenes, 1958), mixed by a cosine transform, so that no coordinate is much larger than the others and
/// coarse codes serve all.
/// </summary>
internal static class PrincipalDirections
{
    // Of PPᵀ − I, whose norm is D times as large at most.
    private const double LargestFault = 1e-6;
    private const int MostSweeps = 30;

    /// <summary>All D directions, row after row, the leading one first; zeros where the sample has no more.</summary>
    /// <param name="sample">Vectors, row after row.</param>
    public static double[] Of(ReadOnlySpan<double> sample, int dimension)
    {
        var rows = new double[dimension * dimension];
        for (var at = 0; at < sample.Length; at += dimension)
        {
            var vector = sample.Slice(at, dimension);
            for (var i = 0; i < dimension; i++)
            {
                var row = rows.AsSpan(i * dimension, dimension);
                TensorPrimitives.MultiplyAdd(vector, vector[i], row, row);
            }
        }
        // Turned until they are orthogonal, the rows of a symmetric matrix are its eigenvectors, as long as the
        // eigenvalues.
        for (var sweep = 0; sweep < MostSweeps && Sweep(rows, dimension); sweep++) { }
        return Sorted(rows, dimension);
    }

    /// <summary>The first of the directions, mixed; null where rounding has left them less than orthonormal.</summary>
    public static double[]? Mixed(double[] all, int dimension, int count)
    {
        var mixed = new double[count * dimension];
        for (var i = 0; i < count; i++)
        {
            var row = mixed.AsSpan(i * dimension, dimension);
            for (var j = 0; j < count; j++)
            {
                var weight = Math.Sqrt((j == 0 ? 1.0 : 2.0) / count) * Math.Cos(Math.PI * (i + 0.5) * j / count);
                TensorPrimitives.MultiplyAdd(all.AsSpan(j * dimension, dimension), weight, row, row);
            }
        }
        return AreOrthonormal(mixed, dimension) ? mixed : null;
    }

    // Turns each pair of rows until they are orthogonal; says whether any was not.
    private static bool Sweep(double[] rows, int dimension)
    {
        var turned = false;
        for (var i = 0; i < dimension; i++)
        {
            for (var j = i + 1; j < dimension; j++)
            {
                var a = rows.AsSpan(i * dimension, dimension);
                var b = rows.AsSpan(j * dimension, dimension);
                var (aa, bb, ab) = (
                    TensorPrimitives.SumOfSquares<double>(a),
                    TensorPrimitives.SumOfSquares<double>(b),
                    TensorPrimitives.Dot<double>(a, b)
                );
                if (!(Math.Abs(ab) > 1e-14 * Math.Sqrt(aa * bb)))
                {
                    continue;
                }
                turned = true;
                var zeta = (bb - aa) / (2 * ab);
                var tangent = Math.CopySign(1, zeta) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
                var cosine = 1 / Math.Sqrt(1 + tangent * tangent);
                Turn(a, b, cosine, cosine * tangent);
            }
        }
        return turned;
    }

    private static void Turn(Span<double> a, Span<double> b, double cosine, double sine)
    {
        for (var k = 0; k < a.Length; k++)
        {
            (a[k], b[k]) = (cosine * a[k] - sine * b[k], sine * a[k] + cosine * b[k]);
        }
    }

    private static double[] Sorted(double[] rows, int dimension)
    {
        var lengths = new double[dimension];
        var order = new int[dimension];
        for (var i = 0; i < dimension; i++)
        {
            (lengths[i], order[i]) = (-TensorPrimitives.Norm<double>(rows.AsSpan(i * dimension, dimension)), i);
        }
        Array.Sort(lengths, order);
        var sorted = new double[rows.Length];
        for (var i = 0; i < dimension && lengths[i] < 0; i++)
        {
            TensorPrimitives.Divide(
                rows.AsSpan(order[i] * dimension, dimension),
                -lengths[i],
                sorted.AsSpan(i * dimension, dimension)
            );
        }
        return sorted;
    }

    private static bool AreOrthonormal(double[] rows, int dimension)
    {
        for (var i = 0; i < rows.Length; i += dimension)
        {
            for (var j = 0; j <= i; j += dimension)
            {
                var product = TensorPrimitives.Dot<double>(rows.AsSpan(i, dimension), rows.AsSpan(j, dimension));
                if (!(Math.Abs(product - (i == j ? 1 : 0)) <= LargestFault / dimension))
                {
                    return false;
                }
            }
        }
        return true;
    }
}
