namespace StreamRec.Sequences;

/// <summary>An event's place in a sequence: by time, then by the UTF-8 bytes of the event id. Events of one user are totally ordered by it.</summary>
/// <param name="TimeMs">Milliseconds since 1970.</param>
public readonly record struct EventKey(long TimeMs, string EventId) : IComparable<EventKey>
{
    public int CompareTo(EventKey other)
    {
        var byTime = TimeMs.CompareTo(other.TimeMs);
        return byTime != 0 ? byTime : CompareUtf8(EventId, other.EventId);
    }

    /// <summary>The order of UTF-8 bytes, which is that of code points; UTF-16 units have another where surrogates are.</summary>
    private static int CompareUtf8(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }
        var (l, r) = (left[same], right[same]);
        return char.IsSurrogate(l) == char.IsSurrogate(r) ? l.CompareTo(r) : char.IsSurrogate(l) ? 1 : -1;
    }
}

/// <summary>An event that a sequence keeps.</summary>
public readonly record struct KeptEvent(EventKey Key, string ItemId, string Type);
