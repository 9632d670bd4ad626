using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using StreamRec.Numerics.Instructions;

namespace StreamRec.Numerics.Search.Index;

/// <summary>
/// What a score is, to the bit: sixteen chains c_j = fma(u_k, v_k, c_j) over k = j, j+16, …, from zero; then
/// c_j += c_(j+8) for j &lt; 8, c_j += c_(j+4) for j &lt; 4, c_j += c_(j+2) for j &lt; 2; then c_0 + c_1; then + bias.
/// Every operation is rounded to float32, and D is padded with zeros to a multiple of 16.
/// </summary>
/// <remarks>
/// A zero product changes no chain but for the sign of a zero, and −0 = 0 in every comparison, so D and the padded D
/// give the same score. With infinities or not-a-numbers the three paths agree as well.
/// </remarks>
internal static unsafe class CanonicalScore
{
    /// <summary>Floats that a chain step takes; vectors are padded to it.</summary>
    public const int Lanes = 16;

    public static int Padded(int dimension) => (dimension + Lanes - 1) / Lanes * Lanes;

    /// <param name="u">Padded D floats; so is <paramref name="v"/>.</param>
    public static float Dot(float* u, float* v, int padded, InstructionSet path) =>
        path switch
        {
            InstructionSet.Avx512 => Dot512(u, v, padded),
            InstructionSet.Avx2 => Dot256(u, v, padded),
            _ => DotPlain(u, v, padded),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot512(float* u, float* v, int padded)
    {
        var c = Vector512<float>.Zero;
        for (var k = 0; k < padded; k += Lanes)
        {
            c = Avx512F.FusedMultiplyAdd(Vector512.Load(u + k), Vector512.Load(v + k), c);
        }
        return Fold(c.GetLower() + c.GetUpper());
    }

    /// <summary>Four scores at once, each as <see cref="Dot512(float*, float*, int)"/> gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot512(float* u, float* v0, float* v1, float* v2, float* v3, int padded, float* scores)
    {
        Vector512<float> c0 = default,
            c1 = default,
            c2 = default,
            c3 = default;
        for (var k = 0; k < padded; k += Lanes)
        {
            var user = Vector512.Load(u + k);
            c0 = Avx512F.FusedMultiplyAdd(user, Vector512.Load(v0 + k), c0);
            c1 = Avx512F.FusedMultiplyAdd(user, Vector512.Load(v1 + k), c1);
            c2 = Avx512F.FusedMultiplyAdd(user, Vector512.Load(v2 + k), c2);
            c3 = Avx512F.FusedMultiplyAdd(user, Vector512.Load(v3 + k), c3);
        }
        Fold(
                c0.GetLower() + c0.GetUpper(),
                c1.GetLower() + c1.GetUpper(),
                c2.GetLower() + c2.GetUpper(),
                c3.GetLower() + c3.GetUpper()
            )
            .Store(scores);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot256(float* u, float* v, int padded)
    {
        var (low, high) = (Vector256<float>.Zero, Vector256<float>.Zero);
        for (var k = 0; k < padded; k += Lanes)
        {
            low = Fma.MultiplyAdd(Vector256.Load(u + k), Vector256.Load(v + k), low);
            high = Fma.MultiplyAdd(Vector256.Load(u + k + 8), Vector256.Load(v + k + 8), high);
        }
        return Fold(low + high);
    }

    /// <summary>Four scores at once, each as <see cref="Dot256(float*, float*, int)"/> gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dot256(float* u, float* v0, float* v1, float* v2, float* v3, int padded, float* scores)
    {
        Vector256<float> a0 = default,
            a1 = default,
            a2 = default,
            a3 = default,
            b0 = default,
            b1 = default,
            b2 = default,
            b3 = default;
        for (var k = 0; k < padded; k += Lanes)
        {
            var (low, high) = (Vector256.Load(u + k), Vector256.Load(u + k + 8));
            a0 = Fma.MultiplyAdd(low, Vector256.Load(v0 + k), a0);
            b0 = Fma.MultiplyAdd(high, Vector256.Load(v0 + k + 8), b0);
            a1 = Fma.MultiplyAdd(low, Vector256.Load(v1 + k), a1);
            b1 = Fma.MultiplyAdd(high, Vector256.Load(v1 + k + 8), b1);
            a2 = Fma.MultiplyAdd(low, Vector256.Load(v2 + k), a2);
            b2 = Fma.MultiplyAdd(high, Vector256.Load(v2 + k + 8), b2);
            a3 = Fma.MultiplyAdd(low, Vector256.Load(v3 + k), a3);
            b3 = Fma.MultiplyAdd(high, Vector256.Load(v3 + k + 8), b3);
        }
        Fold(a0 + b0, a1 + b1, a2 + b2, a3 + b3).Store(scores);
    }

    public static float DotPlain(float* u, float* v, int padded)
    {
        var c = stackalloc float[Lanes];
        new Span<float>(c, Lanes).Clear();
        for (var k = 0; k < padded; k++)
        {
            c[k % Lanes] = MathF.FusedMultiplyAdd(u[k], v[k], c[k % Lanes]);
        }
        for (var half = Lanes / 2; half > 1; half /= 2)
        {
            for (var j = 0; j < half; j++)
            {
                c[j] += c[j + half];
            }
        }
        return c[0] + c[1];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fold(
        Vector256<float> c0,
        Vector256<float> c1,
        Vector256<float> c2,
        Vector256<float> c3
    )
    {
        var (f0, f1, f2, f3) = (
            c0.GetLower() + c0.GetUpper(),
            c1.GetLower() + c1.GetUpper(),
            c2.GetLower() + c2.GetUpper(),
            c3.GetLower() + c3.GetUpper()
        );
        // c_j += c_(j+2) of two vectors side by side, then c_0 + c_1 of all four.
        var first = Sse.UnpackLow(f0, f1) + Sse.UnpackHigh(f0, f1);
        var second = Sse.UnpackLow(f2, f3) + Sse.UnpackHigh(f2, f3);
        return Sse.MoveLowToHigh(first, second) + Sse.MoveHighToLow(second, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Fold(Vector256<float> c)
    {
        var four = c.GetLower() + c.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        return two.ToScalar() + two.GetElement(1);
    }
}
