namespace StreamRec.Numerics.Search;

/// <summary>
/// Users whose lists are searched together: the items are read once for all of them. Holds until its search begins
/// another.
/// </summary>
public readonly ref struct SearchBatch
{
    private readonly TopN _search;

    internal SearchBatch(TopN search) => _search = search;

    /// <summary>Adds a user.</summary>
    /// <param name="vector">u, [D]; copied.</param>
    /// <param name="excluded">Item indices to leave out; copied.</param>
    /// <returns>The user's place in the batch: how many were added before.</returns>
    /// <exception cref="ArgumentException">The vector is not finite.</exception>
    public int Add(ReadOnlySpan<float> vector, ReadOnlySpan<int> excluded) => _search.Add(vector, excluded);

    /// <summary>Finds a list of N for each user.</summary>
    /// <param name="wanted">N.</param>
    /// <exception cref="ArgumentException">A score is not a number.</exception>
    public void Search(int wanted) => _search.Search(wanted);

    /// <summary>A user's list, once it is found.</summary>
    /// <param name="items">Receives item indices, best first.</param>
    /// <param name="scores">Receives the scores, as many.</param>
    /// <returns>The list's length: N, or as many items as are eligible.</returns>
    public int Write(int place, Span<int> items, Span<float> scores) => _search.Write(place, items, scores);
}
