using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Numerics.Matrices;

/// <summary>
/// A register tile [6,16] of a product: 12 accumulators of 256 bits, two loads and 6 broadcasts a step.
/// </summary>
internal static unsafe class GemmTile256
{
    public const int Rows = 6;

    /// <summary>Rows that <see cref="RunFew"/> computes in two thirds of the time of <see cref="Rows"/>.</summary>
    public const int FewRows = 4;

    public const int Columns = 16;

    /// <summary>
    /// c [rows,16] (+)= a [rows,depth] · b [depth,16]; rows beyond <paramref name="rows"/> are computed and not stored.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        float* a,
        nint rowStride,
        nint depthStride,
        float* b,
        int depth,
        float* c,
        nint cStride,
        int rows,
        bool accumulate
    )
    {
        var last = rows - 1;
        var a0 = a;
        var a1 = a + (Math.Min(1, last) * rowStride);
        var a2 = a + (Math.Min(2, last) * rowStride);
        var a3 = a + (Math.Min(3, last) * rowStride);
        var a4 = a + (Math.Min(4, last) * rowStride);
        var a5 = a + (Math.Min(5, last) * rowStride);
        Vector256<float> p0 = default,
            q0 = default;
        Vector256<float> p1 = default,
            q1 = default;
        Vector256<float> p2 = default,
            q2 = default;
        Vector256<float> p3 = default,
            q3 = default;
        Vector256<float> p4 = default,
            q4 = default;
        Vector256<float> p5 = default,
            q5 = default;
        nint at = 0;
        for (var k = 0; k < depth; k++)
        {
            Vector256<float> left = Vector256.Load(b),
                right = Vector256.Load(b + 8);
            Vector256<float> x0 = Vector256.Create(a0[at]);
            p0 = Vector256.FusedMultiplyAdd(x0, left, p0);
            q0 = Vector256.FusedMultiplyAdd(x0, right, q0);
            Vector256<float> x1 = Vector256.Create(a1[at]);
            p1 = Vector256.FusedMultiplyAdd(x1, left, p1);
            q1 = Vector256.FusedMultiplyAdd(x1, right, q1);
            Vector256<float> x2 = Vector256.Create(a2[at]);
            p2 = Vector256.FusedMultiplyAdd(x2, left, p2);
            q2 = Vector256.FusedMultiplyAdd(x2, right, q2);
            Vector256<float> x3 = Vector256.Create(a3[at]);
            p3 = Vector256.FusedMultiplyAdd(x3, left, p3);
            q3 = Vector256.FusedMultiplyAdd(x3, right, q3);
            Vector256<float> x4 = Vector256.Create(a4[at]);
            p4 = Vector256.FusedMultiplyAdd(x4, left, p4);
            q4 = Vector256.FusedMultiplyAdd(x4, right, q4);
            Vector256<float> x5 = Vector256.Create(a5[at]);
            p5 = Vector256.FusedMultiplyAdd(x5, left, p5);
            q5 = Vector256.FusedMultiplyAdd(x5, right, q5);
            at += depthStride;
            b += Columns;
        }
        Store(c, p0, q0, accumulate);
        if (rows > 1)
        {
            Store(c + (1 * cStride), p1, q1, accumulate);
        }
        if (rows > 2)
        {
            Store(c + (2 * cStride), p2, q2, accumulate);
        }
        if (rows > 3)
        {
            Store(c + (3 * cStride), p3, q3, accumulate);
        }
        if (rows > 4)
        {
            Store(c + (4 * cStride), p4, q4, accumulate);
        }
        if (rows > 5)
        {
            Store(c + (5 * cStride), p5, q5, accumulate);
        }
    }

    /// <summary>The same of at most <see cref="FewRows"/> rows, to the bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunFew(
        float* a,
        nint rowStride,
        nint depthStride,
        float* b,
        int depth,
        float* c,
        nint cStride,
        int rows,
        bool accumulate
    )
    {
        var last = rows - 1;
        var a0 = a;
        var a1 = a + (Math.Min(1, last) * rowStride);
        var a2 = a + (Math.Min(2, last) * rowStride);
        var a3 = a + (Math.Min(3, last) * rowStride);
        Vector256<float> p0 = default,
            q0 = default;
        Vector256<float> p1 = default,
            q1 = default;
        Vector256<float> p2 = default,
            q2 = default;
        Vector256<float> p3 = default,
            q3 = default;
        nint at = 0;
        for (var k = 0; k < depth; k++)
        {
            Vector256<float> left = Vector256.Load(b),
                right = Vector256.Load(b + 8);
            Vector256<float> x0 = Vector256.Create(a0[at]);
            p0 = Vector256.FusedMultiplyAdd(x0, left, p0);
            q0 = Vector256.FusedMultiplyAdd(x0, right, q0);
            Vector256<float> x1 = Vector256.Create(a1[at]);
            p1 = Vector256.FusedMultiplyAdd(x1, left, p1);
            q1 = Vector256.FusedMultiplyAdd(x1, right, q1);
            Vector256<float> x2 = Vector256.Create(a2[at]);
            p2 = Vector256.FusedMultiplyAdd(x2, left, p2);
            q2 = Vector256.FusedMultiplyAdd(x2, right, q2);
            Vector256<float> x3 = Vector256.Create(a3[at]);
            p3 = Vector256.FusedMultiplyAdd(x3, left, p3);
            q3 = Vector256.FusedMultiplyAdd(x3, right, q3);
            at += depthStride;
            b += Columns;
        }
        Store(c, p0, q0, accumulate);
        if (rows > 1)
        {
            Store(c + (1 * cStride), p1, q1, accumulate);
        }
        if (rows > 2)
        {
            Store(c + (2 * cStride), p2, q2, accumulate);
        }
        if (rows > 3)
        {
            Store(c + (3 * cStride), p3, q3, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector256<float> left, Vector256<float> right, bool accumulate)
    {
        if (accumulate)
        {
            left += Vector256.Load(c);
            right += Vector256.Load(c + 8);
        }
        left.Store(c);
        right.Store(c + 8);
    }
}
