using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Numerics.Matrices;

/// <summary>Elementwise kernels over lengths that are multiples of 16. Unaligned addresses are allowed.</summary>
public static unsafe class ActivationKernels
{
    public const int Width = 16;

    private const float Lowest = -87f;
    private const float Highest = 88f;

    /// <summary>e^x to 2 ulp; x is clamped to [−87, 88], so that no result is a denormal or infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // e^x = 2^n · e^r with n = round(x / ln 2) and |r| ≤ ln 2 / 2; ln 2 in two parts keeps r exact.
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(Lowest)), Vector512.Create(Highest));
        Vector512<float> magic = Vector512.Create(12582912f);
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), magic);
        Vector512<float> n = shifted - magic;
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        Vector512<float> p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        return (p.AsInt32() + Vector512.ShiftLeft(shifted.AsInt32(), 23)).AsSingle();
    }

    /// <summary>1 / (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) =>
        Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>tanh x = 1 − 2 / (e^2x + 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x) =>
        Vector512<float>.One - (Vector512.Create(2f) / (Exp(x + x) + Vector512<float>.One));

    /// <summary>Σ x_i·y_i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* x, float* y, int length)
    {
        Vector512<float> sum = default;
        for (var i = 0; i < length; i += Width)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), sum);
        }
        return Vector512.Sum(sum);
    }

    /// <summary>y ← scale·y + factor·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blend(float* y, float scale, float* x, float factor, int length)
    {
        Vector512<float> ys = Vector512.Create(scale),
            xs = Vector512.Create(factor);
        for (var i = 0; i < length; i += Width)
        {
            Vector512.FusedMultiplyAdd(xs, Vector512.Load(x + i), ys * Vector512.Load(y + i)).Store(y + i);
        }
    }

    /// <summary>y ← factor·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* y, float* x, float factor, int length)
    {
        Vector512<float> xs = Vector512.Create(factor);
        for (var i = 0; i < length; i += Width)
        {
            (xs * Vector512.Load(x + i)).Store(y + i);
        }
    }

    /// <summary>The largest of 16 values.</summary>
    public static float MaxLane(Vector512<float> x)
    {
        var max = x[0];
        for (var lane = 1; lane < Width; lane++)
        {
            max = MathF.Max(max, x[lane]);
        }
        return max;
    }

    /// <summary>y ← y + x.</summary>
    public static void Add(float* y, float* x, int length) => Blend(y, 1f, x, 1f, length);

    /// <summary>sums [cols] += the sum of <paramref name="x"/>'s rows: a bias's gradient.</summary>
    public static void AddRows(Matrix x, float* sums)
    {
        for (var row = 0; row < x.Rows; row++)
        {
            Add(sums, x.Row(row), x.Cols);
        }
    }

    /// <summary>Every row of <paramref name="x"/> += bias [cols].</summary>
    public static void AddBias(Matrix x, float* bias)
    {
        for (var row = 0; row < x.Rows; row++)
        {
            Add(x.Row(row), bias, x.Cols);
        }
    }
}
