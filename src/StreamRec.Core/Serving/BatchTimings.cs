namespace StreamRec.Serving;

/// <summary>How long the stages of a batch took.</summary>
/// <param name="Began">When the first of them began, as <see cref="System.Diagnostics.Stopwatch"/> tells it.</param>
/// <param name="Apply">From the records to the users' sequences.</param>
/// <param name="Encode">From the users' sequences to their vectors.</param>
/// <param name="Rank">From the vectors to the lists.</param>
public readonly record struct BatchTimings(
    int Partition,
    int Records,
    long Began,
    TimeSpan Apply,
    TimeSpan Encode,
    TimeSpan Rank
);
