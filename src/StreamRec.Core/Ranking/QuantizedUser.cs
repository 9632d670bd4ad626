namespace StreamRec.Ranking;

/// <summary>A user's vector as the first pass takes it, and what it takes to bound scores.</summary>
internal unsafe struct QuantizedUser
{
    private const int MaxCode = 127;
    private const double MaxSum = 32_767;

    /// <summary>û = Scale · q.</summary>
    public double Scale;

    /// <summary>‖u‖, without the bias' entry.</summary>
    public double Norm;

    /// <summary>‖û‖.</summary>
    public double CodedNorm;

    /// <summary>‖u' − û‖, u' being (u, s).</summary>
    public double Error;

    /// <summary>Quantizes a user for an index.</summary>
    /// <param name="vector">D floats, all finite.</param>
    /// <param name="codes">
    /// Receives a 32-bit word for each pair of dimensions: the two bytes q + 128, twice, so that a kernel loads and repeats
    /// it in one instruction.
    /// </param>
    public static QuantizedUser Of(ReadOnlySpan<float> vector, ItemIndex index, Span<uint> codes)
    {
        double norm = 0, most = Math.Abs((double)index.BiasScale);
        foreach (var value in vector)
        {
            norm += (double)value * value;
            most = Math.Max(most, Math.Abs((double)value));
        }
        // ‖q‖ ≤ ‖u'‖/Scale + √width/2 for the rounding, which must stay below MaxSum/‖p‖.
        var augmented = Math.Sqrt(norm + (double)index.BiasScale * index.BiasScale);
        var room = index.MaxCodeNorm == 0 ? MaxSum : MaxSum / index.MaxCodeNorm - 0.5 * Math.Sqrt(2 * index.Pairs) - 1e-6;
        var scale = room <= 0 ? 0 : Math.Max(most / MaxCode, augmented / room);
        double error = 0, coded = 0;
        for (var k = 0; k < 2 * index.Pairs; k += 2)
        {
            var (first, second) = (Code(vector, index, k, scale), Code(vector, index, k + 1, scale));
            var (off1, off2) = (Entry(vector, index, k) - first * scale, Entry(vector, index, k + 1) - second * scale);
            (error, coded) = (error + off1 * off1 + off2 * off2, coded + (double)first * first + (double)second * second);
            var pair = (uint)(first + 128) | (uint)(second + 128) << 8;
            codes[k / 2] = pair | pair << 16;
        }
        return new QuantizedUser
        {
            Scale = scale,
            Norm = Math.Sqrt(norm),
            CodedNorm = Math.Sqrt(coded) * scale,
            Error = Math.Sqrt(error),
        };
    }

    private static int Code(ReadOnlySpan<float> vector, ItemIndex index, int k, double scale) =>
        scale == 0 ? 0 : (int)Math.Round(Entry(vector, index, k) / scale);

    private static double Entry(ReadOnlySpan<float> vector, ItemIndex index, int k) =>
        k < vector.Length ? vector[k] : k == vector.Length ? index.BiasScale : 0;
}
