using StreamRec.Numerics.Matrices;
using StreamRec.Reranking;

namespace StreamRec.Training.Reranking;

/// <summary>
/// Item-to-item weights: EASE (Steck, 2019), B_ij = −P_ij/P_jj with P = (XᵀX + λI)⁻¹ over users' sets of items; above
/// 20,000 items, whose squares would not fit into memory, c_ij/√(n_i·n_j), c counting how often two items stood within
/// twenty events.
/// </summary>
/// <remarks>
/// EASE costs N³ floating-point operations and 4·N² bytes while it is computed: .04 Tflop and 47 MB at 3,416 items,
/// 8 and 1.6 GB at 20,000.
/// </remarks>
internal static unsafe class WeightTable
{
    /// <summary>Items of which all pairs are kept.</summary>
    private const int MostWhole = 5000;

    /// <summary>Items of which EASE is made.</summary>
    internal const int MostEase = 20_000;

    /// <summary>Others that are kept of an item where not all are.</summary>
    private const int MostKept = 200;

    /// <summary>So that a file of many items stays below 2 GiB.</summary>
    private const int MostEntries = 300_000_000;

    /// <summary>Events between two that stand together.</summary>
    private const int Reach = 20;

    /// <summary>λ of a mean item's events.</summary>
    private const float RidgeOfMean = 3.5f;

    private const float LeastRidge = 50;

    /// <summary>The largest |q|.</summary>
    private const int Levels = sbyte.MaxValue;

    public static byte[] Write(EventPlaces places, CancellationToken cancel = default)
    {
        var rows = places.Counts.Length;
        if (rows - 1 > MostEase)
        {
            var most = Math.Clamp(MostEntries / rows, 1, MostKept);
            return Sparse(rows, () => new Row(rows), (item, row) => row.Together(places, item, most));
        }
        var weights = Ease(places, cancel);
        if (rows - 1 > MostWhole)
        {
            return Sparse(rows, () => weights, (item, all) => Largest(all.RowSpan(item - 1), MostKept));
        }
        var scales = new float[rows];
        var values = new sbyte[rows * rows];
        Parallel.For(
            1,
            rows,
            item => scales[item] = Quantise(weights.RowSpan(item - 1), values.AsSpan((item * rows) + 1, rows - 1))
        );
        return ItemWeights.Write(scales, values);
    }

    /// <summary>B [N,N]: row i holds what item i + 1 says of the others.</summary>
    internal static Matrix Ease(EventPlaces places, CancellationToken cancel)
    {
        var n = places.Counts.Length - 1;
        var matrix = new Matrix(n, n);
        var ridge = MathF.Max(LeastRidge, RidgeOfMean * places.Items.Length / n);
        Parallel.For(
            0,
            n,
            new ParallelOptions { CancellationToken = cancel },
            row =>
            {
                // Whole numbers below 2²⁴: sums in float are exact.
                var counts = matrix.RowSpan(row);
                var last = -1;
                foreach (var place in places.Of(row + 1))
                {
                    var sequence = places.Sequences[place];
                    if (sequence != last)
                    {
                        AddOnce(places, sequence, counts);
                        last = sequence;
                    }
                }
                counts[row] += ridge;
            }
        );
        SymmetricInverse.Invert(matrix, cancel);
        var diagonal = new float[n];
        for (var at = 0; at < n; at++)
        {
            diagonal[at] = -1 / matrix.Row(at)[at];
        }
        for (var at = 0; at < n; at++)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(matrix.RowSpan(at), diagonal, matrix.RowSpan(at));
            matrix.Row(at)[at] = 0;
        }
        return matrix;
    }

    // Adds 1 to each item of a sequence, at its first place there alone.
    private static void AddOnce(EventPlaces places, int sequence, Span<float> counts)
    {
        for (var at = places.Bounds[sequence]; at < places.Bounds[sequence + 1]; at++)
        {
            counts[places.Items[at] - 1] += places.IsFirst[at] ? 1 : 0;
        }
    }

    private static byte[] Sparse<T>(int rows, Func<T> open, Func<int, T, (int Item, float Weight)[]> rowOf)
    {
        var kept = new (int Item, float Weight)[rows][];
        Parallel.For(
            0,
            rows,
            open,
            (item, _, own) =>
            {
                kept[item] = item == 0 ? [] : [.. rowOf(item, own).OrderBy(entry => entry.Item)];
                return own;
            },
            _ => { }
        );
        var scales = new float[rows];
        var starts = new int[rows + 1];
        for (var item = 0; item < rows; item++)
        {
            starts[item + 1] = starts[item] + kept[item].Length;
        }
        var values = new sbyte[starts[rows]];
        for (var item = 0; item < rows; item++)
        {
            scales[item] = Quantise(
                Array.ConvertAll(kept[item], entry => entry.Weight),
                values.AsSpan(starts[item], kept[item].Length)
            );
        }
        return ItemWeights.Write(scales, starts, [.. kept.SelectMany(row => row.Select(entry => entry.Item))], values);
    }

    private static (int Item, float Weight)[] Largest(ReadOnlySpan<float> row, int most)
    {
        int[] order = [.. Enumerable.Range(0, row.Length)];
        var falling = new float[row.Length];
        System.Numerics.Tensors.TensorPrimitives.Negate(row, falling);
        Array.Sort(falling, order);
        return
        [
            .. order.Zip(falling).Take(most).Where(entry => entry.Second < 0).Select(e => (e.First + 1, -e.Second)),
        ];
    }

    /// <summary>q with w ≈ q·|q|·scale; returns the scale.</summary>
    private static float Quantise(ReadOnlySpan<float> row, Span<sbyte> values)
    {
        var largest = row.IsEmpty ? 0 : MathF.Abs(System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(row));
        if (largest == 0)
        {
            return 0;
        }
        for (var at = 0; at < row.Length; at++)
        {
            var root = MathF.Sqrt(MathF.Abs(row[at]) / largest) * Levels;
            values[at] = (sbyte)MathF.CopySign(MathF.Round(root), row[at]);
        }
        return largest / (Levels * Levels);
    }

    private sealed class Row(int items)
    {
        private readonly int[] _together = new int[items];
        private readonly List<int> _touched = [];

        public (int Item, float Weight)[] Together(EventPlaces places, int item, int most)
        {
            foreach (var place in places.Of(item))
            {
                int sequence = places.Sequences[place],
                    from = Math.Max(places.Bounds[sequence], place - Reach),
                    to = Math.Min(places.Bounds[sequence + 1], place + Reach + 1);
                foreach (var other in places.Items.AsSpan(from..to))
                {
                    if (other != item && _together[other]++ == 0)
                    {
                        _touched.Add(other);
                    }
                }
            }
            (int Item, float Weight)[] entries =
            [
                .. _touched.Select(other =>
                    (other, (float)(_together[other] / Math.Sqrt((double)places.Counts[item] * places.Counts[other])))
                ),
            ];
            _touched.ForEach(other => _together[other] = 0);
            _touched.Clear();
            return [.. entries.OrderByDescending(entry => entry.Weight).ThenBy(entry => entry.Item).Take(most)];
        }
    }
}
