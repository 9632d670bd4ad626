namespace StreamRec.Serving;

/// <summary>How long the stages of a batch took.</summary>
/// <param name="Encode">From the users' sequences to their vectors.</param>
/// <param name="Rank">From the vectors to the lists.</param>
public readonly record struct BatchTimings(int Records, TimeSpan Encode, TimeSpan Rank);
