namespace StreamRec.Catalogue;

/// <summary>When an item may be listed, and what a cap counts it among.</summary>
/// <param name="Available">No: at no time.</param>
/// <param name="SinceMs">The first millisecond since 1970; the least number: always.</param>
/// <param name="UntilMs">The first one at which it may be listed no more; the largest number: never.</param>
/// <param name="Filtered">It is there, and an <see cref="ItemFilter"/> keeps it from lists.</param>
/// <param name="Group">Which of <see cref="GroupSets"/>.</param>
/// <param name="Facts">What is said of it, where that is kept: <see cref="CatalogueFold"/>.</param>
public readonly record struct Availability(
    bool Available,
    long SinceMs = long.MinValue,
    long UntilMs = long.MaxValue,
    bool Filtered = false,
    int Group = 0,
    ItemFacts? Facts = null
)
{
    public bool Holds(long timeMs) => Available && !Filtered && timeMs >= SinceMs && timeMs < UntilMs;
}
