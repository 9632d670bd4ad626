namespace StreamRec.Catalogue;

/// <summary>When an item may be listed.</summary>
/// <param name="Available">No: at no time.</param>
/// <param name="SinceMs">The first millisecond since 1970; the least number: always.</param>
/// <param name="UntilMs">The first one at which it may be listed no more; the largest number: never.</param>
public readonly record struct Availability(bool Available, long SinceMs = long.MinValue, long UntilMs = long.MaxValue)
{
    public bool Holds(long timeMs) => Available && timeMs >= SinceMs && timeMs < UntilMs;
}
