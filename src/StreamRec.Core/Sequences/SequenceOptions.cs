namespace StreamRec.Sequences;

/// <summary>How much of a user's past is kept.</summary>
public sealed record SequenceOptions
{
    /// <summary>K, events kept, 1–10,000. Default 199. A bundle with window W needs 2W−1.</summary>
    public int Kept { get; init; } = 199;

    /// <summary>A user idle for longer, by record time, starts anew. Default 365 days.</summary>
    public TimeSpan IdleExpiry { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Remember what was pushed out. Always, save in the test that shows why.</summary>
    internal bool KeepFloor { get; init; } = true;
}
