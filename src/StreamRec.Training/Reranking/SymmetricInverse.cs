using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Reranking;

/// <summary>
/// The inverse of a symmetric positive definite matrix in its place: blocks are swept one after the other (A_KK to
/// −A_KK⁻¹), and only the lower half is worked. N³ floating-point operations, nearly all of them in matrix products.
/// The bits do not depend on the number of threads.
/// </summary>
internal static unsafe class SymmetricInverse
{
    /// <summary>Rows of a block; the depth of a product.</summary>
    private const int Block = 256;

    /// <summary>Replaces the lower half of <paramref name="a"/> by that of its inverse, and mirrors it.</summary>
    public static void Invert(Matrix a, CancellationToken cancel = default)
    {
        int n = a.Rows,
            blocks = (n + Block - 1) / Block;
        var column = new Matrix(n, Block);
        var swept = new Matrix(n, Block);
        PackedMatrix[] packed = [.. Enumerable.Range(0, blocks).Select(_ => new PackedMatrix())];
        for (var block = 0; block < blocks; block++)
        {
            cancel.ThrowIfCancellationRequested();
            Sweep(a, block * Block, Math.Min(Block, n - (block * Block)), column, swept, packed);
        }
        for (var row = 0; row < n; row++)
        {
            for (var at = 0; at <= row; at++)
            {
                var value = -a.Row(row)[at];
                a.Row(row)[at] = value;
                a.Row(at)[row] = value;
            }
        }
    }

    private static void Sweep(Matrix a, int first, int size, Matrix column, Matrix swept, PackedMatrix[] packed)
    {
        var n = a.Rows;
        var inverse = Inverse(a, first, size);

        // −A_KK⁻¹ as the right-hand side, so that products are added.
        var negative = new Matrix(size, size);
        for (var at = 0; at < inverse.Length; at++)
        {
            negative.Span[at] = (float)-inverse[at];
        }
        // A_iK for the other i, 0 for those in K: the products leave K's own rows and columns alone.
        column.Resize(n, size);
        for (var row = 0; row < n; row++)
        {
            var to = column.RowSpan(row);
            if (row < first)
            {
                for (var at = 0; at < size; at++)
                {
                    to[at] = a.Row(first + at)[row];
                }
            }
            else if (row >= first + size)
            {
                new Span<float>(a.Row(row) + first, size).CopyTo(to);
            }
            else
            {
                to.Clear();
            }
        }
        Gemm.Multiply(column, new PackedMatrix().Pack(negative), swept.Resize(n, size));
        Parallel.For(
            0,
            packed.Length,
            to => packed[to].PackTransposed(column.Row(to * Block), size, Math.Min(Block, n - (to * Block)), size)
        );
        Parallel.For(
            0,
            packed.Length,
            from =>
            {
                var rows = Math.Min(Block, n - (from * Block));
                for (var to = 0; to <= from; to++)
                {
                    var target = a.Row(from * Block) + (to * Block);
                    Gemm.Multiply(swept.Row(from * Block), size, 1, rows, packed[to], target, n, accumulate: true);
                }
            }
        );
        for (var row = 0; row < n; row++)
        {
            for (var at = 0; at < size; at++)
            {
                if (row >= first + size)
                {
                    a.Row(row)[first + at] = -swept.Row(row)[at];
                }
                else if (row < first)
                {
                    a.Row(first + at)[row] = -swept.Row(row)[at];
                }
                else
                {
                    a.Row(row)[first + at] = (float)-inverse[((row - first) * size) + at];
                }
            }
        }
    }

    // By Gauss and Jordan, in double: a pivot of a positive definite matrix is positive.
    private static double[] Inverse(Matrix a, int first, int size)
    {
        var m = new double[size * size];
        for (var row = 0; row < size; row++)
        {
            for (var at = 0; at <= row; at++)
            {
                m[(row * size) + at] = m[(at * size) + row] = a.Row(first + row)[first + at];
            }
        }
        var pivotRow = new double[size];
        for (var k = 0; k < size; k++)
        {
            var pivot = m[(k * size) + k];
            if (!(pivot > 0))
            {
                throw new ArithmeticException("The matrix is not positive definite.");
            }
            m[(k * size) + k] = 1;
            for (var at = 0; at < size; at++)
            {
                pivotRow[at] = m[(k * size) + at] /= pivot;
            }
            for (var row = 0; row < size; row++)
            {
                if (row == k)
                {
                    continue;
                }
                var factor = m[(row * size) + k];
                m[(row * size) + k] = 0;
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(
                    pivotRow,
                    -factor,
                    m.AsSpan(row * size, size),
                    m.AsSpan(row * size, size)
                );
            }
        }
        return m;
    }
}
