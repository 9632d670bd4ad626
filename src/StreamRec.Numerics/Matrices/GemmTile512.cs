using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Numerics.Matrices;

/// <summary>
/// A register tile [8,32] of a product: 16 accumulators of 512 bits, two loads and 8 broadcasts a step.
/// </summary>
internal static unsafe class GemmTile512
{
    public const int Rows = 8;
    public const int Columns = 32;

    /// <summary>
    /// c [rows,32] (+)= a [rows,depth] · b [depth,32]; rows beyond <paramref name="rows"/> are computed and not stored.
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
        var a6 = a + (Math.Min(6, last) * rowStride);
        var a7 = a + (Math.Min(7, last) * rowStride);
        Vector512<float> p0 = default,
            q0 = default;
        Vector512<float> p1 = default,
            q1 = default;
        Vector512<float> p2 = default,
            q2 = default;
        Vector512<float> p3 = default,
            q3 = default;
        Vector512<float> p4 = default,
            q4 = default;
        Vector512<float> p5 = default,
            q5 = default;
        Vector512<float> p6 = default,
            q6 = default;
        Vector512<float> p7 = default,
            q7 = default;
        nint at = 0;
        for (var k = 0; k < depth; k++)
        {
            Vector512<float> left = Vector512.Load(b),
                right = Vector512.Load(b + 16);
            Vector512<float> x0 = Vector512.Create(a0[at]);
            p0 = Vector512.FusedMultiplyAdd(x0, left, p0);
            q0 = Vector512.FusedMultiplyAdd(x0, right, q0);
            Vector512<float> x1 = Vector512.Create(a1[at]);
            p1 = Vector512.FusedMultiplyAdd(x1, left, p1);
            q1 = Vector512.FusedMultiplyAdd(x1, right, q1);
            Vector512<float> x2 = Vector512.Create(a2[at]);
            p2 = Vector512.FusedMultiplyAdd(x2, left, p2);
            q2 = Vector512.FusedMultiplyAdd(x2, right, q2);
            Vector512<float> x3 = Vector512.Create(a3[at]);
            p3 = Vector512.FusedMultiplyAdd(x3, left, p3);
            q3 = Vector512.FusedMultiplyAdd(x3, right, q3);
            Vector512<float> x4 = Vector512.Create(a4[at]);
            p4 = Vector512.FusedMultiplyAdd(x4, left, p4);
            q4 = Vector512.FusedMultiplyAdd(x4, right, q4);
            Vector512<float> x5 = Vector512.Create(a5[at]);
            p5 = Vector512.FusedMultiplyAdd(x5, left, p5);
            q5 = Vector512.FusedMultiplyAdd(x5, right, q5);
            Vector512<float> x6 = Vector512.Create(a6[at]);
            p6 = Vector512.FusedMultiplyAdd(x6, left, p6);
            q6 = Vector512.FusedMultiplyAdd(x6, right, q6);
            Vector512<float> x7 = Vector512.Create(a7[at]);
            p7 = Vector512.FusedMultiplyAdd(x7, left, p7);
            q7 = Vector512.FusedMultiplyAdd(x7, right, q7);
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
        if (rows > 6)
        {
            Store(c + (6 * cStride), p6, q6, accumulate);
        }
        if (rows > 7)
        {
            Store(c + (7 * cStride), p7, q7, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector512<float> left, Vector512<float> right, bool accumulate)
    {
        if (accumulate)
        {
            left += Vector512.Load(c);
            right += Vector512.Load(c + 16);
        }
        left.Store(c);
        right.Store(c + 16);
    }
}
