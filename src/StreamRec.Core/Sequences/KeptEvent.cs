namespace StreamRec.Sequences;

/// <summary>
/// An event's place in a sequence: by time, then by the UTF-8 bytes of the event id. Events of one user are totally
/// ordered by it.
/// </summary>
/// <param name="TimeMs">Milliseconds since 1970.</param>
public readonly record struct EventKey(long TimeMs, string EventId);

/// <summary>An event that a sequence keeps, as texts of its own.</summary>
public readonly record struct KeptEvent(EventKey Key, string ItemId, string Type);

/// <summary>An event that a sequence keeps, where it lies: valid until the sequence changes.</summary>
internal readonly ref struct KeptView
{
    /// <summary>Milliseconds since 1970.</summary>
    public required long TimeMs { get; init; }

    public required ReadOnlySpan<byte> EventId { get; init; }

    public required ReadOnlySpan<byte> ItemId { get; init; }

    public required ReadOnlySpan<byte> Type { get; init; }

    /// <summary>
    /// Above 0 where this one stands behind, below where it stands before: see <see cref="EventKey"/>.
    /// </summary>
    public int CompareTo(in KeptView other)
    {
        var byTime = TimeMs.CompareTo(other.TimeMs);
        return byTime != 0 ? byTime : EventId.SequenceCompareTo(other.EventId);
    }
}
