using System.Collections.Immutable;
using StreamRec.Delivery.Ports;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Ranking.Caps;

namespace StreamRec.Catalogue;

/// <summary>
/// Folds a catalogue's log, record by record: each record is all that is known of its item from then on. One thread at
/// a time; what it shows is immutable.
/// </summary>
/// <remarks>
/// An item's state is that of its last record alone, so a log that was compacted meanwhile gives the same: what has no
/// record is not there, and neither is what has one that cannot be read. Only what was there once is known as far as
/// its records still were.
/// </remarks>
/// <param name="topicUuid">The incarnation of the topic.</param>
/// <param name="filter">Keeps items from lists; null: none.</param>
/// <param name="cap">What items are to be counted among; null: nothing.</param>
/// <param name="keepFacts">What is said of items is kept, for models that make vectors of it.</param>
public sealed class CatalogueFold(
    string topicUuid,
    ItemFilter? filter = null,
    ListCap? cap = null,
    bool keepFacts = false
)
{
    private readonly ItemFilter _filter = filter ?? ItemFilter.None;
    private readonly GroupSets? _groups = cap is null ? null : new GroupSets(cap.Of);
    private readonly AvailabilityTable _items = new();
    private EligibleItems? _eligible;
    private ImmutableHashSet<string> _gone = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private long _offset = -1;

    /// <summary>Items that the catalogue has.</summary>
    public int Items { get; private set; }

    /// <summary>Takes the next record of the log.</summary>
    /// <returns>Why it cannot be read; its item is not there then. Null: nothing is wrong.</returns>
    public EventError? Apply(in LogRecord record)
    {
        _offset = record.Offset;
        var (gone, error) = (record.Value.IsEmpty && ItemJson.CheckKey(record.Key.Span) is null, default(EventError));
        if (!gone && ItemJson.TryParse(record.Key.Span, record.Value, out var facts, out error))
        {
            Put(
                System.Text.Encoding.UTF8.GetString(record.Key.Span),
                facts.Availability with
                {
                    Filtered = !_filter.Allows(facts),
                    Group = _groups?.Of(facts) ?? 0,
                    Facts = keepFacts ? facts : null,
                }
            );
            return null;
        }
        Put(System.Text.Encoding.UTF8.GetString(record.Key.Span), default, keep: gone);
        return gone ? null : error;
    }

    /// <summary>The catalogue as of the last record that was taken; null before the first.</summary>
    public CatalogueView? View() =>
        _offset < 0
            ? null
            : new(
                new CatalogueVersion(topicUuid, _offset),
                // Where no record since the last one changed what may be listed, nobody has to work it out again.
                _eligible ??= new EligibleItems(_items.Show(), _groups?.All, _gone)
            );

    // The default: the item is not there. Keep: also that it is gone, though nothing was known of it.
    private void Put(string id, Availability availability, bool keep = false)
    {
        var before = _items.Set(id, availability, keep);
        _gone =
            availability.Available ? _gone.Remove(id)
            : before.Available ? _gone.Add(id)
            : _gone;
        if (before != availability || keep)
        {
            Items += (availability == default ? 0 : 1) - (before == default ? 0 : 1);
            _eligible = null;
        }
    }
}
