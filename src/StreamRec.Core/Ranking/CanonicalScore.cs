using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Ranking;

/// <summary>
/// What a score is, to the bit: sixteen chains c_j = fma(u_k, v_k, c_j) over k = j, j+16, …, from zero; then
/// c_j += c_(j+8) for j &lt; 8, c_j += c_(j+4) for j &lt; 4, c_j += c_(j+2) for j &lt; 2; then c_0 + c_1; then + bias.
/// Every operation is rounded to float32, and D is padded with zeros to a multiple of 16.
/// </summary>
/// <remarks>
/// A zero product changes no chain but for the sign of a zero, and −0 = 0 in every comparison, so D and the padded D give
/// the same score. With infinities or not-a-numbers the three paths agree as well.
/// </remarks>
internal static unsafe class CanonicalScore
{
    /// <summary>Floats that a chain step takes; vectors are padded to it.</summary>
    public const int Lanes = 16;

    public static int Padded(int dimension) => (dimension + Lanes - 1) / Lanes * Lanes;

    /// <param name="u">Padded D floats; so is <paramref name="v"/>.</param>
    public static float Dot(float* u, float* v, int padded, VectorPath path) => path switch
    {
        VectorPath.Avx512 => Dot512(u, v, padded),
        VectorPath.Avx2 => Dot256(u, v, padded),
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
    private static float Fold(Vector256<float> c)
    {
        var four = c.GetLower() + c.GetUpper();
        var two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        return two.ToScalar() + two.GetElement(1);
    }
}
