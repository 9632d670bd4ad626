namespace StreamRec.Sequences;

/// <summary>What an event did to its user's sequence.</summary>
public enum ApplyOutcome
{
    /// <summary>It counts, and is kept unless it is older than all that are.</summary>
    Accepted,

    /// <summary>The same id at the same time is there already: nothing changed.</summary>
    Duplicate,

    /// <summary>It is not above the floor, the largest (time, id) that was ever pushed out: nothing changed.</summary>
    Late,

    /// <summary>The same id stands at another time: a producer's error; nothing changed.</summary>
    IdConflict,
}
