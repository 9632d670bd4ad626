namespace StreamRec.Ranking;

/// <summary>
/// Chooses from the candidates of a search what the list holds, and in which order: a pure function of the candidates
/// and of what it was made with. One thread at a time.
/// </summary>
internal interface IReranker
{
    /// <summary>Candidates for each place, 1 or more.</summary>
    int CandidatesPerPlace { get; }

    /// <summary>Chooses from candidates, best first, and writes the choice over their first places.</summary>
    /// <param name="items">Candidates' indices; the first <paramref name="places"/> are the choice afterwards.</param>
    /// <param name="scores">Their scores, which stay with them.</param>
    /// <returns>How many were chosen: <paramref name="places"/> at most.</returns>
    int Choose(Span<int> items, Span<float> scores, int places);
}
