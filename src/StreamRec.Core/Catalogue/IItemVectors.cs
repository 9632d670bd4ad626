namespace StreamRec.Catalogue;

/// <summary>
/// Makes of what a catalogue says of an item what a model has of its own ones: a pure function, the same bits
/// everywhere. Safe for any number of threads.
/// </summary>
public interface IItemVectors
{
    /// <summary>γ and β: a new item's score is u·(γ·v) + (b + β).</summary>
    (float Gamma, float Beta) Weights { get; }

    /// <summary>Writes v.</summary>
    /// <param name="vector">[D].</param>
    /// <returns>b.</returns>
    float Embed(ItemFacts facts, Span<float> vector);
}
