using StreamRec.Lists;
using StreamRec.Ranking;
using StreamRec.Sequences;

namespace StreamRec.Serving;

/// <summary>
/// What became of events since the worker started. Thread-safe. A batch that had to be computed again counts again, so
/// these are for watching; what counts exactly once are the states.
/// </summary>
public sealed class EventCounters
{
    private long _accepted,
        _duplicates,
        _late,
        _unknownItems,
        _unwantedTypes,
        _notEncodable,
        _listsByModel,
        _listsOfSeen;

    /// <summary>Events that entered a sequence.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Events that were there already.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Events older than all that are kept: they change nothing.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>
    /// Accepted events on items that the model does not know: kept in the sequence, left out of the encoder's input.
    /// </summary>
    public long UnknownItems => Interlocked.Read(ref _unknownItems);

    /// <summary>Events of types that do not enter the sequence.</summary>
    public long UnwantedTypes => Interlocked.Read(ref _unwantedTypes);

    /// <summary>
    /// Times that a user got no list because the model's vector was not finite, or so large that scores would
    /// overflow.
    /// </summary>
    public long NotEncodable => Interlocked.Read(ref _notEncodable);

    /// <summary>Lists that were made, by kind.</summary>
    public IReadOnlyDictionary<string, long> Lists =>
        new Dictionary<string, long>
        {
            [ListKinds.Model] = Interlocked.Read(ref _listsByModel),
            [ListKinds.Seen] = Interlocked.Read(ref _listsOfSeen),
        };

    internal void Count(RankedItems lists)
    {
        var ofSeen = 0;
        for (var place = 0; place < lists.Count; place++)
        {
            ofSeen += lists.Kind(place) == ListKinds.Seen ? 1 : 0;
        }
        Interlocked.Add(ref _listsByModel, lists.Count - ofSeen);
        Interlocked.Add(ref _listsOfSeen, ofSeen);
    }

    internal void Count(ApplyOutcome outcome, bool itemIsKnown)
    {
        switch (outcome)
        {
            case ApplyOutcome.Accepted:
                Interlocked.Increment(ref _accepted);
                if (!itemIsKnown)
                {
                    Interlocked.Increment(ref _unknownItems);
                }
                break;
            case ApplyOutcome.Duplicate:
                Interlocked.Increment(ref _duplicates);
                break;
            case ApplyOutcome.Late:
                Interlocked.Increment(ref _late);
                break;
        }
    }

    internal void CountUnwanted() => Interlocked.Increment(ref _unwantedTypes);

    internal void CountNotEncodable() => Interlocked.Increment(ref _notEncodable);
}
