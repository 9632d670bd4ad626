using StreamRec.Events;

namespace StreamRec.Sequences;

/// <summary>
/// What is known of one user: the K events largest by (time, id) among those accepted, and what it takes to apply each
/// event exactly once. Inside the window the order of arrival does not matter. Not safe for several threads.
/// </summary>
public sealed class UserSequence
{
    private readonly List<KeptEvent> _events = [];

    /// <summary>The kept events, oldest first.</summary>
    public IReadOnlyList<KeptEvent> Events => _events;

    /// <summary>The largest key that was ever pushed out; null while nothing was.</summary>
    public EventKey? Floor { get; internal set; }

    /// <summary>How many events were ever accepted.</summary>
    public long Accepted { get; internal set; }

    /// <summary>Offset of the last record that concerned the user, late ones and duplicates too; -1 before the first.</summary>
    public long LastOffset { get; internal set; } = -1;

    /// <summary>Leader epoch of that record; -1 where unknown.</summary>
    public int LastEpoch { get; internal set; } = -1;

    /// <summary>The largest Kafka timestamp of the user's records, in milliseconds since 1970; -1 before the first.</summary>
    public long LastRecordMs { get; internal set; } = -1;

    /// <summary>Applies one event of the user's log, in the order of the log.</summary>
    /// <param name="offset">The record's offset.</param>
    /// <param name="epoch">The record's leader epoch, -1 where unknown.</param>
    /// <param name="recordMs">The record's Kafka timestamp, in milliseconds since 1970.</param>
    public ApplyOutcome Apply(in ClickEvent click, long offset, int epoch, long recordMs, SequenceOptions options)
    {
        if (LastRecordMs >= 0 && recordMs - LastRecordMs > options.IdleExpiry.TotalMilliseconds)
        {
            _events.Clear();
            Floor = null;
            Accepted = 0;
        }
        (LastOffset, LastEpoch) = (offset, epoch);
        LastRecordMs = Math.Max(LastRecordMs, recordMs);
        return Insert(new KeptEvent(new EventKey(click.TimeMs, click.EventId), click.ItemId, click.Type), options);
    }

    /// <summary>Adds an event read back from the store: the next in order.</summary>
    internal void Append(in KeptEvent kept) => _events.Add(kept);

    private ApplyOutcome Insert(in KeptEvent kept, SequenceOptions options)
    {
        if (Floor is { } floor && kept.Key.CompareTo(floor) <= 0)
        {
            return ApplyOutcome.Late;
        }
        // From the newest on: most events come in order.
        var place = _events.Count;
        while (place > 0 && kept.Key.CompareTo(_events[place - 1].Key) < 0)
        {
            place--;
        }
        foreach (var other in _events)
        {
            if (other.Key.EventId == kept.Key.EventId)
            {
                return other.Key.TimeMs == kept.Key.TimeMs ? ApplyOutcome.Duplicate : ApplyOutcome.IdConflict;
            }
        }
        _events.Insert(place, kept);
        Accepted++;
        var over = _events.Count - options.Kept;
        if (over > 0)
        {
            Floor = options.KeepFloor ? _events[over - 1].Key : null;
            _events.RemoveRange(0, over);
        }
        return ApplyOutcome.Accepted;
    }
}
