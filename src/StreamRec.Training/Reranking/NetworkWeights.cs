using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Reranking;

/// <summary>
/// score' = x·a + Σ_h w_h·max(0, x·B_h + c_h); see <see cref="StreamRec.Reranking.RerankingNetwork"/>.
/// </summary>
internal sealed class NetworkWeights(int features, int units)
{
    public int Features => features;

    public int Units => units;

    /// <summary>a, [1,F].</summary>
    public Matrix Skip { get; } = new(1, features);

    /// <summary>B, [F,H].</summary>
    public Matrix Hidden { get; } = new(features, units);

    /// <summary>c, [1,H].</summary>
    public Matrix Bias { get; } = new(1, units);

    /// <summary>w, [1,H].</summary>
    public Matrix Output { get; } = new(1, units);

    public Matrix[] All => [Skip, Hidden, Bias, Output];

    public NetworkWeights Copy()
    {
        var copy = new NetworkWeights(features, units);
        for (var at = 0; at < All.Length; at++)
        {
            copy.All[at].CopyFrom(All[at]);
        }
        return copy;
    }

    /// <summary>The same function of features as they are, where this is one of (x − mean)·inverse.</summary>
    public NetworkWeights Unscaled(ReadOnlySpan<float> means, ReadOnlySpan<float> inverses)
    {
        var plain = Copy();
        for (var feature = 0; feature < features; feature++)
        {
            plain.Skip.Span[feature] *= inverses[feature];
            for (var unit = 0; unit < units; unit++)
            {
                var weight = Hidden.RowSpan(feature)[unit] * inverses[feature];
                plain.Hidden.RowSpan(feature)[unit] = weight;
                plain.Bias.Span[unit] -= weight * means[feature];
            }
        }
        return plain;
    }
}
