namespace StreamRec.Encoders;

/// <summary>Turns sequences of item indices into user vectors. Safe for several callers at once.</summary>
public interface IUserEncoder
{
    /// <summary>D, the width of a user vector.</summary>
    int Dimension { get; }

    /// <summary>Encodes B sequences into <paramref name="users"/>, row-major [B,D].</summary>
    /// <param name="sequences">Item indices in 1..N, or of what is added, oldest first; none is empty and none is
    /// longer than 2W−1.</param>
    /// <param name="users">B·D floats, all of them written.</param>
    /// <param name="added">What items above N are fed as; null: there are none.</param>
    /// <exception cref="EncoderFailedException">The model does not take these sequences.</exception>
    void Encode(IReadOnlyList<ReadOnlyMemory<int>> sequences, Span<float> users, IAddedRows? added = null);
}
