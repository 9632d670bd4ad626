using System.Runtime.Intrinsics;

namespace StreamRec.Onnx.Steps;

/// <summary>
/// Sums of a row that are added up in the same order wherever the row lies in memory. Those of TensorPrimitives begin
/// at an aligned address.
/// </summary>
internal static unsafe class RowSums
{
    /// <summary>Σ x_i.</summary>
    public static float Sum(float* x, int length)
    {
        Vector256<float> sums = default;
        var at = 0;
        for (; at <= length - Vector256<float>.Count; at += Vector256<float>.Count)
        {
            sums += Vector256.Load(x + at);
        }
        var sum = Vector256.Sum(sums);
        for (; at < length; at++)
        {
            sum += x[at];
        }
        return sum;
    }

    /// <summary>Σ (x_i − centre)².</summary>
    public static float Squares(float* x, int length, float centre)
    {
        Vector256<float> sums = default,
            centres = Vector256.Create(centre);
        var at = 0;
        for (; at <= length - Vector256<float>.Count; at += Vector256<float>.Count)
        {
            var apart = Vector256.Load(x + at) - centres;
            sums = Vector256.FusedMultiplyAdd(apart, apart, sums);
        }
        var sum = Vector256.Sum(sums);
        for (; at < length; at++)
        {
            var apart = x[at] - centre;
            sum = MathF.FusedMultiplyAdd(apart, apart, sum);
        }
        return sum;
    }
}
