using StreamRec.Catalogue;
using StreamRec.Models;

namespace StreamRec.Tests.Catalogue;

/// <summary>
/// An item is as the item of the bundle that its attribute `like` names; else as its title says, so that those of one
/// title are equal.
/// </summary>
internal sealed class SeededVectors(Bundle bundle, float gamma = 1, float beta = 0) : IItemVectors
{
    private int _made;

    public (float Gamma, float Beta) Weights => (gamma, beta);

    /// <summary>How many vectors were made.</summary>
    public int Made => Volatile.Read(ref _made);

    public float Embed(ItemFacts facts, Span<float> vector)
    {
        Interlocked.Increment(ref _made);
        if (facts.Attributes.TryGetValue("like", out var like))
        {
            var item = bundle.IndexOf(like.Texts[0]);
            bundle.Vectors.AsSpan(item * vector.Length, vector.Length).CopyTo(vector);
            return bundle.Biases?[item] ?? 0;
        }
        var random = new Random(facts.Title?.Sum(letter => letter) ?? 0);
        foreach (ref var value in vector)
        {
            value = random.Next(-2, 3) / 4f;
        }
        return random.Next(-2, 3) / 8f;
    }
}
