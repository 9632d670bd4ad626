namespace StreamRec.Sequences;

/// <summary>An event's place in a sequence: by time, then by event id (ordinal). Events of one user are totally ordered by it.</summary>
/// <param name="TimeMs">Milliseconds since 1970.</param>
public readonly record struct EventKey(long TimeMs, string EventId) : IComparable<EventKey>
{
    public int CompareTo(EventKey other)
    {
        var byTime = TimeMs.CompareTo(other.TimeMs);
        return byTime != 0 ? byTime : string.CompareOrdinal(EventId, other.EventId);
    }
}

/// <summary>An event that a sequence keeps.</summary>
public readonly record struct KeptEvent(EventKey Key, string ItemId, string Type);
