using System.Numerics.Tensors;

namespace StreamRec.Numerics.Search.Directions;

/// <summary>
/// The coordinates that a pass sees of a vector: all of its own or, where users or items lie close to fewer directions,
/// those along the directions and the length of the rest; then, where there are biases, the bias.
/// </summary>
/// <remarks>
/// Let P be the directions as rows, v = Pᵀv_p + v_r with v_p = Pv, and PPᵀ = I + G. Then
/// u·v = u_p·v_p − u_p·Gv_p + u_r·v_r, and ‖v_r‖² = ‖v‖² − ‖v_p‖² + v_p·Gv_p. With g = ‖G‖ ≤ D·max|G|, which
/// <see cref="PrincipalDirections"/> keeps at 1e-6 or below, the rest stands as R_v, R_v² = ‖v‖² − ‖v_p‖² + i·‖v‖² ≥
/// ‖v_r‖² + (i − g')·‖v‖², where g' = g·(1 + g) since ‖v_p‖² ≤ (1 + g)·‖v‖²; so R_u·R_v ≥ ‖u_r‖·‖v_r‖ + (i −
/// g')·‖u‖·‖v‖ by Cauchy and Schwarz, and where i ≥ 2g', R_u·R_v is at least ‖u_r‖·‖v_r‖ + |u_p·Gv_p|. Then u_p·v_p +
/// R_u·R_v, the inner product of what is coded, is u·v or more, and u_p·v_p − R_u·R_v is u·v or less. With b/s beside v
/// and s beside u it bounds u·v + b; with the same right the rest stands as ρ·R_v and R_u/ρ, so that it is not coded
/// more coarsely than it need be for the one to whom it matters less.
/// </remarks>
internal sealed class CodedSpace(int dimension, double[]? directions, float biasScale, double restScale = 1)
{
    /// <summary>i: more than 2g', hardly above 2e-6, and what rounding adds.</summary>
    private const double Inexact = 2.1e-6;

    /// <summary>Coordinates along directions, or D.</summary>
    public int Kept { get; } = directions is null ? dimension : directions.Length / dimension;

    /// <summary>s: the bias stands as b/s with the item, as s with the user; 0 where there are no biases.</summary>
    public float BiasScale { get; } = biasScale;

    /// <summary>
    /// Where the length of the rest stands, times ρ with an item, by ρ with a user; −1 where there is no rest.
    /// </summary>
    public int RestAt { get; } = directions is null ? -1 : directions.Length / dimension;

    public int Width => Kept + (directions is null ? 0 : 1) + (BiasScale > 0 ? 1 : 0);

    /// <summary>Writes an item's coordinates.</summary>
    /// <param name="vector">[D].</param>
    /// <param name="coordinates">Receives <see cref="Width"/> numbers.</param>
    /// <param name="copy">Room for D numbers.</param>
    public void PlaceItem(ReadOnlySpan<float> vector, float bias, Span<double> coordinates, Span<double> copy) =>
        Place(vector, restScale, BiasScale > 0 ? bias / (double)BiasScale : 0, coordinates, copy);

    /// <summary>Writes a user's coordinates.</summary>
    /// <param name="vector">[D].</param>
    /// <param name="coordinates">Receives <see cref="Width"/> numbers.</param>
    /// <param name="copy">Room for D numbers.</param>
    public void PlaceUser(ReadOnlySpan<float> vector, Span<double> coordinates, Span<double> copy) =>
        Place(vector, 1 / restScale, BiasScale, coordinates, copy);

    private void Place(
        ReadOnlySpan<float> vector,
        double rest,
        double bias,
        Span<double> coordinates,
        Span<double> copy
    )
    {
        if (directions is null)
        {
            TensorPrimitives.ConvertTruncating(vector, coordinates[..dimension]);
        }
        else
        {
            copy = copy[..dimension];
            TensorPrimitives.ConvertTruncating(vector, copy);
            for (var k = 0; k < Kept; k++)
            {
                coordinates[k] = TensorPrimitives.Dot<double>(directions.AsSpan(k * dimension, dimension), copy);
            }
            var all = TensorPrimitives.SumOfSquares<double>(copy);
            var kept = TensorPrimitives.SumOfSquares<double>(coordinates[..Kept]);
            coordinates[Kept] = rest * Math.Sqrt(Math.Max(0, all - kept) + Inexact * all);
        }
        if (BiasScale > 0)
        {
            coordinates[Width - 1] = bias;
        }
    }
}
