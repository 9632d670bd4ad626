namespace StreamRec.Tests.Numerics.Search;

/// <summary>The scalar twin: every item's score by the definition, a full sort, no bound and no shortcut.</summary>
internal static class PlainScan
{
    public static (int Item, float Score)[] Search(
        float[] vectors,
        int dimension,
        float[]? biases,
        ReadOnlySpan<float> user,
        IEnumerable<int> leftOut,
        int n
    )
    {
        var u = user.ToArray();
        return
        [
            .. Enumerable
                .Range(1, vectors.Length / dimension - 1)
                .Except(leftOut)
                .Select(item => (item, Score(u, vectors.AsSpan(item * dimension, dimension), biases?[item] ?? 0)))
                .OrderByDescending(x => x.Item2)
                .ThenBy(x => x.item)
                .Take(n),
        ];
    }

    /// <summary>Sixteen chains, folded by halves.</summary>
    public static float Score(ReadOnlySpan<float> u, ReadOnlySpan<float> v, float bias)
    {
        Span<float> chains = stackalloc float[16];
        for (var k = 0; k < u.Length; k++)
        {
            chains[k % 16] = MathF.FusedMultiplyAdd(u[k], v[k], chains[k % 16]);
        }
        for (var half = 8; half > 0; half /= 2)
        {
            for (var j = 0; j < half; j++)
            {
                chains[j] += chains[j + half];
            }
        }
        return chains[0] + bias;
    }
}
