namespace StreamRec.Encoders;

/// <summary>
/// Advances users by one event each, from what it knew of them before. Safe for one caller at a time.
/// </summary>
public interface IStepEncoder
{
    /// <summary>D, the width of a user vector.</summary>
    int Dimension { get; }

    /// <summary>S, the floats of a user's state.</summary>
    int StateWidth { get; }

    /// <summary>Writes the state before the first event, [S].</summary>
    void Start(Span<float> state);

    /// <summary>Advances B states by one item each, in place.</summary>
    /// <param name="items">[B], in 1..N, or what is added.</param>
    /// <param name="states">B arrays of S.</param>
    /// <param name="users">Receives user vectors [B,D], row-major.</param>
    /// <param name="added">What items above N are fed as; null: there are none.</param>
    void Step(ReadOnlySpan<int> items, ReadOnlySpan<float[]> states, Span<float> users, IAddedRows? added = null);
}
