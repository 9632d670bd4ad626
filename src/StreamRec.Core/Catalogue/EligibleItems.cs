using System.Collections.Immutable;

namespace StreamRec.Catalogue;

/// <summary>
/// Which items may be listed, by their ids and by the time that is asked about: a snapshot, of any model. A change
/// makes another one.
/// </summary>
/// <remarks>
/// Between two times at which an item comes or goes the answer is the same: such a span has a number, and whoever has
/// worked out one answer has it for all of the span.
/// </remarks>
public sealed class EligibleItems
{
    /// <summary>Every item of the model, at any time.</summary>
    public static readonly EligibleItems All = new((AvailabilityTable.View?)null);

    private static long s_made;

    private readonly AvailabilityTable.View? _items;
    private readonly long[] _changes;

    /// <param name="items">The items of the catalogue, by id.</param>
    public EligibleItems(IEnumerable<KeyValuePair<string, Availability>> items)
        : this(Table(items)) { }

    /// <param name="items">Null: all are eligible.</param>
    /// <param name="groups">What a cap counts them among, by their numbers; null: nothing.</param>
    /// <param name="gone">As <see cref="Gone"/>; null: none.</param>
    internal EligibleItems(
        AvailabilityTable.View? items,
        int[][]? groups = null,
        ImmutableHashSet<string>? gone = null
    ) => (_items, _changes, Groups, Gone) = (items, items?.Changes() ?? [], groups, gone ?? []);

    /// <summary>Later snapshots have larger numbers.</summary>
    internal long Number { get; } = Interlocked.Increment(ref s_made);

    /// <summary>Whether the answer depends on the time.</summary>
    public bool Changes => _changes.Length > 0;

    /// <summary>What may be listed, by id; null: all.</summary>
    internal AvailabilityTable.View? Items => _items;

    /// <summary>As of <see cref="GroupSets.All"/>; null: the catalogue says nothing of groups.</summary>
    internal int[][]? Groups { get; }

    /// <summary>Withdrawn items that were there in an earlier record of the log, as far as it was read
    /// uncompacted.</summary>
    internal ImmutableHashSet<string> Gone { get; }

    /// <summary>Whether a list may hold the item. One that the catalogue lacks may not be listed.</summary>
    /// <param name="timeMs">Milliseconds since 1970.</param>
    public bool Holds(string itemId, long timeMs) => _items is null || _items[itemId].Holds(timeMs);

    /// <summary>Whether the catalogue takes the item away at any time: it lacks it, or says that it is not
    /// there.</summary>
    public bool IsWithdrawn(string itemId) => _items is not null && !_items[itemId].Available;

    /// <summary>Whether the catalogue says so of the item: a record of it does, or its tombstone.</summary>
    internal bool SaysWithdrawn(string itemId) =>
        _items is not null && _items.Holds(itemId) && !_items[itemId].Available;

    /// <summary>The number of the span that a time lies in, from 0.</summary>
    public int SpanOf(long timeMs)
    {
        var found = Array.BinarySearch(_changes, timeMs);
        return found < 0 ? ~found : found + 1;
    }

    /// <summary>The first time of a span.</summary>
    public long Begin(int span) => span == 0 ? long.MinValue : _changes[span - 1];

    private static AvailabilityTable.View Table(IEnumerable<KeyValuePair<string, Availability>> items)
    {
        var table = new AvailabilityTable();
        foreach (var (id, availability) in items)
        {
            table.Set(id, availability);
        }
        return table.Show();
    }
}
