namespace StreamRec.Testing.Oracles;

/// <summary>One event of a sequence, as the reference and the stored state both tell it.</summary>
internal readonly record struct SequenceEvent(long TimeMs, string EventId, string ItemId);

/// <summary>What a user's state should be, or is.</summary>
internal sealed class FoldedUser
{
    /// <summary>The kept events, oldest first.</summary>
    public List<SequenceEvent> Events { get; } = [];

    public (long TimeMs, string EventId)? Floor { get; set; }

    public long Accepted { get; set; }

    public int Partition { get; set; }

    public long LastOffset { get; set; } = -1;

    public static int Compare((long TimeMs, string EventId) a, (long TimeMs, string EventId) b) =>
        a.TimeMs != b.TimeMs ? a.TimeMs.CompareTo(b.TimeMs) : string.CompareOrdinal(a.EventId, b.EventId);
}
