namespace StreamRec.Ranking;

/// <summary>
/// Chooses from the candidates of a search what the list holds, and in which order: a pure function of the user's
/// history, the candidates and what it was made with. One thread at a time.
/// </summary>
internal interface IReranker
{
    /// <summary>What it chooses from for so many places: as many candidates, or more.</summary>
    int CandidatesFor(int places);

    /// <summary>Chooses from candidates, best first, and writes the choice over their first places.</summary>
    /// <param name="history">The user's items, oldest first, 0 for those that the model does not know.</param>
    /// <param name="items">Candidates' indices; the first <paramref name="places"/> are the choice afterwards.</param>
    /// <param name="scores">Their scores, falling; what the next one takes for their scores afterwards.</param>
    /// <returns>How many were chosen: <paramref name="places"/> at most.</returns>
    int Choose(ReadOnlySpan<int> history, Span<int> items, Span<float> scores, int places);
}
