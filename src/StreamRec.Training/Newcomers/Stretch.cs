namespace StreamRec.Training.Newcomers;

/// <summary>A stretch of the training data: what was before it, and who is asked of those who came in it.</summary>
/// <param name="NowMs">The time of the newest event before it: when lists for it are made.</param>
/// <param name="CutMs">From when on events are of the stretch or later.</param>
/// <param name="Asked">Users, each with the first events that follow the cut, the first one in the stretch.</param>
public sealed record Stretch(long NowMs, long CutMs, IReadOnlyList<(int User, ReadOnlyMemory<int> Events)> Asked);
