using StreamRec.Events;
using StreamRec.Numerics.Memory;

namespace StreamRec.Sequences;

/// <summary>
/// What is known of one user: the K events largest by (time, id) among those accepted, and what it takes to apply each
/// event exactly once. Inside the window the order of arrival does not matter. Not safe for several threads.
/// </summary>
public sealed class UserSequence
{
    // The floor, if there is one, then the kept events, oldest first.
    private readonly KeptEvents _events = new();
    private int _first;

    /// <summary>How many events are kept.</summary>
    public int Count => _events.Count - _first;

    /// <summary>The kept events, oldest first: a copy. What is done for every event reads <see cref="this"/>.</summary>
    public IReadOnlyList<KeptEvent> Events
    {
        get
        {
            var events = new KeptEvent[Count];
            for (var i = 0; i < events.Length; i++)
            {
                var kept = this[i];
                events[i] = new KeptEvent(
                    new EventKey(kept.TimeMs, EventTypes.TextOf(kept.EventId)),
                    EventTypes.TextOf(kept.ItemId),
                    EventTypes.TextOf(kept.Type)
                );
            }
            return events;
        }
    }

    /// <summary>The largest key that was ever pushed out, a copy; null while nothing was.</summary>
    public EventKey? Floor => HasFloor ? new EventKey(_events[0].TimeMs, EventTypes.TextOf(_events[0].EventId)) : null;

    /// <summary>How many events were ever accepted.</summary>
    public long Accepted { get; internal set; }

    /// <summary>
    /// Offset of the last record that concerned the user, late ones and duplicates too; -1 before the first.
    /// </summary>
    public long LastOffset { get; internal set; } = -1;

    /// <summary>Leader epoch of that record; -1 where unknown.</summary>
    public int LastEpoch { get; internal set; } = -1;

    /// <summary>
    /// The largest Kafka timestamp of the user's records, in milliseconds since 1970; -1 before the first.
    /// </summary>
    public long LastRecordMs { get; internal set; } = -1;

    internal bool HasFloor => _first > 0;

    /// <summary>Whether all times, the floor's too, are whole seconds.</summary>
    internal bool InSeconds => _events.InSeconds;

    /// <summary>The event that was pushed out last; only where there is a floor.</summary>
    internal KeptView FloorEvent => _events[_first - 1];

    /// <summary>A kept event, from 0, oldest first.</summary>
    internal KeptView this[int index] => _events[_first + index];

    /// <summary>The id of the newest kept event; valid until the sequence changes.</summary>
    internal ReadOnlyMemory<byte> NewestId => _events.IdOf(_events.Count - 1);

    /// <summary>
    /// Asks ahead for what the sequence refers to; then <see cref="PrefetchEvents"/> for the events themselves.
    /// </summary>
    internal void Prefetch() => CpuPrefetch.Of(_events);

    internal void PrefetchEvents() => _events.Prefetch();

    /// <summary>Applies one event of the user's log, in the order of the log.</summary>
    /// <param name="offset">The record's offset.</param>
    /// <param name="epoch">The record's leader epoch, -1 where unknown.</param>
    /// <param name="recordMs">The record's Kafka timestamp, in milliseconds since 1970.</param>
    public ApplyOutcome Apply(in EventText click, long offset, int epoch, long recordMs, SequenceOptions options)
    {
        if (LastRecordMs >= 0 && recordMs - LastRecordMs > options.IdleExpiry.TotalMilliseconds)
        {
            _events.Clear();
            _first = 0;
            Accepted = 0;
        }
        (LastOffset, LastEpoch) = (offset, epoch);
        LastRecordMs = Math.Max(LastRecordMs, recordMs);
        return Insert(
            new KeptView
            {
                TimeMs = click.TimeMs,
                EventId = click.EventId.Span,
                ItemId = click.ItemId.Span,
                Type = click.Type.Span,
            },
            options
        );
    }

    /// <summary>Forgets all, as if no record had come.</summary>
    internal void Clear()
    {
        _events.Clear();
        (_first, Accepted, LastOffset, LastEpoch, LastRecordMs) = (0, 0, -1, -1, -1);
    }

    /// <summary>Adds an event read back from the store: the next in order.</summary>
    internal void Append(in KeptView kept) => _events.Insert(_events.Count, kept);

    /// <summary>Sets the floor read back from the store, before any event.</summary>
    internal void AppendFloor(in KeptView floor)
    {
        Append(floor);
        _first = 1;
    }

    private ApplyOutcome Insert(in KeptView kept, SequenceOptions options)
    {
        if (HasFloor && kept.CompareTo(FloorEvent) <= 0)
        {
            return ApplyOutcome.Late;
        }
        if (_events.Find(kept.EventId, _first) is var known and >= 0)
        {
            return _events[known].TimeMs == kept.TimeMs ? ApplyOutcome.Duplicate : ApplyOutcome.IdConflict;
        }
        // From the newest on: most events come in order.
        var place = _events.Count;
        while (place > _first && kept.CompareTo(_events[place - 1]) < 0)
        {
            place--;
        }
        _events.Insert(place, kept);
        Accepted++;
        var over = Count - options.Kept;
        if (over > 0)
        {
            // The last one that goes becomes the floor.
            var (gone, floor) = (_first + over, options.KeepFloor ? 1 : 0);
            _events.RemoveFirst(gone - floor);
            _first = floor;
        }
        return ApplyOutcome.Accepted;
    }
}
