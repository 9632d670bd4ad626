using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Reranking;

/// <summary>
/// score' = x·a + Σ_h w_h·max(0, x·B_h + c_h), for each candidate by itself. Immutable. What is computed of a candidate
/// depends neither on the others nor, to the bit, on the processor's vectors: a lane is a candidate, and sums run in
/// one order.
/// </summary>
public sealed class RerankingNetwork
{
    private const int Lanes = 8;

    /// <summary>Vectors of candidates that are worked at once.</summary>
    private const int Tile = 4;

    private readonly float[] _skip;
    private readonly float[] _weights;
    private readonly float[] _biases;
    private readonly float[] _outputs;

    /// <param name="skip">a, [F].</param>
    /// <param name="weights">B, [F,H], row-major.</param>
    /// <param name="biases">c, [H].</param>
    /// <param name="outputs">w, [H].</param>
    public RerankingNetwork(float[] skip, float[] weights, float[] biases, float[] outputs)
    {
        (_skip, _biases, _outputs, _weights) = (skip, biases, outputs, new float[weights.Length]);
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, biases.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, skip.Length * biases.Length);

        // A unit's weights side by side.
        for (var feature = 0; feature < skip.Length; feature++)
        {
            for (var unit = 0; unit < biases.Length; unit++)
            {
                _weights[(unit * skip.Length) + feature] = weights[(feature * biases.Length) + unit];
            }
        }
    }

    /// <summary>F.</summary>
    public int Features => _skip.Length;

    /// <summary>Scores candidates.</summary>
    /// <param name="columns">F columns of <see cref="CandidateFeatures.Stride"/> places.</param>
    /// <param name="count">Candidates.</param>
    /// <param name="scores">As long as a column; what stands behind <paramref name="count"/> means nothing.</param>
    public void Score(float[][] columns, int count, float[] scores)
    {
        // Loads are not checked one by one.
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns.Length, _skip.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, CandidateFeatures.Stride);
        foreach (var column in columns)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(column.Length, CandidateFeatures.Stride);
        }
        for (var from = 0; from < count; from += Tile * Lanes)
        {
            ScoreTile(columns, from, scores);
        }
    }

    private void ScoreTile(float[][] columns, int from, float[] scores)
    {
        var at = (nuint)from;
        Vector256<float> s0 = default,
            s1 = default,
            s2 = default,
            s3 = default;
        for (var feature = 0; feature < columns.Length; feature++)
        {
            ref var x = ref MemoryMarshal.GetArrayDataReference(columns[feature]);
            var a = Vector256.Create(_skip[feature]);
            s0 = Vector256.FusedMultiplyAdd(a, Vector256.LoadUnsafe(ref x, at), s0);
            s1 = Vector256.FusedMultiplyAdd(a, Vector256.LoadUnsafe(ref x, at + 8), s1);
            s2 = Vector256.FusedMultiplyAdd(a, Vector256.LoadUnsafe(ref x, at + 16), s2);
            s3 = Vector256.FusedMultiplyAdd(a, Vector256.LoadUnsafe(ref x, at + 24), s3);
        }
        for (var unit = 0; unit < _biases.Length; unit++)
        {
            Vector256<float> h0 = Vector256.Create(_biases[unit]),
                h1 = h0,
                h2 = h0,
                h3 = h0;
            var weights = _weights.AsSpan(unit * columns.Length, columns.Length);
            for (var feature = 0; feature < weights.Length; feature++)
            {
                ref var x = ref MemoryMarshal.GetArrayDataReference(columns[feature]);
                var b = Vector256.Create(weights[feature]);
                h0 = Vector256.FusedMultiplyAdd(b, Vector256.LoadUnsafe(ref x, at), h0);
                h1 = Vector256.FusedMultiplyAdd(b, Vector256.LoadUnsafe(ref x, at + 8), h1);
                h2 = Vector256.FusedMultiplyAdd(b, Vector256.LoadUnsafe(ref x, at + 16), h2);
                h3 = Vector256.FusedMultiplyAdd(b, Vector256.LoadUnsafe(ref x, at + 24), h3);
            }
            var w = Vector256.Create(_outputs[unit]);
            s0 = Vector256.FusedMultiplyAdd(w, Vector256.Max(h0, default), s0);
            s1 = Vector256.FusedMultiplyAdd(w, Vector256.Max(h1, default), s1);
            s2 = Vector256.FusedMultiplyAdd(w, Vector256.Max(h2, default), s2);
            s3 = Vector256.FusedMultiplyAdd(w, Vector256.Max(h3, default), s3);
        }
        var to = Tiles(scores, from);
        (to[0], to[1], to[2], to[3]) = (s0, s1, s2, s3);
    }

    private static Span<Vector256<float>> Tiles(float[] column, int from) =>
        MemoryMarshal.Cast<float, Vector256<float>>(column.AsSpan(from, Tile * Lanes));
}
