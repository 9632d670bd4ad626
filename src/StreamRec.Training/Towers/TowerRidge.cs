using System.Numerics.Tensors;

namespace StreamRec.Training.Towers;

/// <summary>
/// Rows W that come near the trained vectors: the least Σ_i c_i·|y_i − x_i·W|² + λ·Σ_f p_f·|W_f|², by conjugate
/// gradients, all columns of Y side by side.
/// </summary>
internal static class TowerRidge
{
    private const int Rounds = 20;

    /// <param name="design">X.</param>
    /// <param name="items">Those that are looked at.</param>
    /// <param name="weights">c, by item.</param>
    /// <param name="targets">Y [N+1,K].</param>
    /// <param name="wide">K.</param>
    /// <param name="start">Where to begin; null: at 0.</param>
    public static float[] Solve(
        TowerDesign design,
        IReadOnlyList<int> items,
        float[] weights,
        float[] targets,
        int wide,
        float penalty,
        float[]? start,
        CancellationToken cancel
    )
    {
        var rows = start is null ? new float[design.Columns * wide] : [.. start];
        var inverse = Diagonal(design, items, weights, penalty);
        var own = new float[wide];
        // What is still wrong: Xᵀ·C·(Y − X·W) − λ·P·W.
        var residual = new float[rows.Length];
        foreach (var item in items)
        {
            design.Sum(item, rows, own);
            TensorPrimitives.Subtract(targets.AsSpan(item * wide, wide), own, own);
            TensorPrimitives.Multiply(own, weights[item], own);
            design.Scatter(item, own, residual);
        }
        AddPenalty(design, rows, -penalty, residual, wide);
        var direction = new float[rows.Length];
        var (scaled, product) = (new float[rows.Length], new float[rows.Length]);
        float[] before = new float[wide],
            now = new float[wide],
            curvature = new float[wide],
            step = new float[wide];
        for (var round = 0; round < Rounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            Scale(residual, inverse, scaled, wide);
            Dot(residual, scaled, now);
            for (var k = 0; k < wide; k++)
            {
                step[k] = round > 0 && before[k] > 0 ? now[k] / before[k] : 0;
            }
            ForRows(wide, rows.Length, row => MultiplyAdd(direction, row, step, scaled, direction));
            Product(design, items, weights, penalty, direction, product, own);
            Dot(direction, product, curvature);
            for (var k = 0; k < wide; k++)
            {
                step[k] = curvature[k] > 0 ? now[k] / curvature[k] : 0;
            }
            ForRows(wide, rows.Length, row => MultiplyAdd(direction, row, step, rows, rows));
            TensorPrimitives.Negate(step, step);
            ForRows(wide, rows.Length, row => MultiplyAdd(product, row, step, residual, residual));
            now.CopyTo(before, 0);
        }
        return rows;
    }

    private static void Product(
        TowerDesign design,
        IReadOnlyList<int> items,
        float[] weights,
        float penalty,
        float[] rows,
        float[] product,
        float[] own
    )
    {
        Array.Clear(product);
        foreach (var item in items)
        {
            design.Sum(item, rows, own);
            TensorPrimitives.Multiply(own, weights[item], own);
            design.Scatter(item, own, product);
        }
        AddPenalty(design, rows, penalty, product, own.Length);
    }

    private static void AddPenalty(TowerDesign design, float[] rows, float penalty, float[] sum, int wide)
    {
        for (var column = 0; column < design.Columns; column++)
        {
            var to = sum.AsSpan(column * wide, wide);
            var from = rows.AsSpan(column * wide, wide);
            TensorPrimitives.MultiplyAdd(from, penalty * design.Penalties[column], to, to);
        }
    }

    private static float[] Diagonal(TowerDesign design, IReadOnlyList<int> items, float[] weights, float penalty)
    {
        var diagonal = Array.ConvertAll(design.Penalties, own => own * penalty);
        foreach (var item in items)
        {
            foreach (var column in design.Of(item))
            {
                diagonal[column] += weights[item];
            }
        }
        return Array.ConvertAll(diagonal, value => value > 0 ? 1 / value : 0);
    }

    private static void Scale(float[] rows, float[] factors, float[] result, int wide)
    {
        for (var column = 0; column < factors.Length; column++)
        {
            TensorPrimitives.Multiply(
                rows.AsSpan(column * wide, wide),
                factors[column],
                result.AsSpan(column * wide, wide)
            );
        }
    }

    private static void Dot(float[] left, float[] right, float[] sums)
    {
        Array.Clear(sums);
        for (var at = 0; at < left.Length; at += sums.Length)
        {
            TensorPrimitives.MultiplyAdd(left.AsSpan(at, sums.Length), right.AsSpan(at, sums.Length), sums, sums);
        }
    }

    private static void MultiplyAdd(float[] left, int at, float[] factors, float[] right, float[] result) =>
        TensorPrimitives.MultiplyAdd(
            left.AsSpan(at, factors.Length),
            factors,
            right.AsSpan(at, factors.Length),
            result.AsSpan(at, factors.Length)
        );

    private static void ForRows(int wide, int length, Action<int> act)
    {
        for (var at = 0; at < length; at += wide)
        {
            act(at);
        }
    }
}
