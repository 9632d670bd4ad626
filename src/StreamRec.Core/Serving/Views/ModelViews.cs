using StreamRec.Catalogue;
using StreamRec.Catalogue.ByModel;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Numerics.Search.Index;
using StreamRec.Serving.Users;

namespace StreamRec.Serving.Views;

/// <summary>
/// A model beside the states of the catalogue that it is asked about: the last two are kept. Safe for any number of
/// threads.
/// </summary>
/// <param name="items">As they are without a catalogue; so are <paramref name="texts"/>.</param>
/// <param name="vectors">Makes items of what a catalogue says; null: what the model does not know is not there.</param>
internal sealed class ModelViews(
    Bundle bundle,
    ModelItems items,
    ItemTexts texts,
    Func<ItemIndex> index,
    IItemVectors? vectors
)
{
    private readonly Lock _making = new();
    private volatile ModelView? _last;
    private volatile ModelView? _before;
    private NewItemTable? _table;
    private int _tableNumber;

    /// <summary>Of the last state.</summary>
    public NewItemCounts Counts =>
        _last?.Added is { } added ? new(added.Sorted.Length, added.InTail, _table?.Merges ?? 0) : default;

    public ModelView Of(EligibleItems snapshot) => Known(snapshot) ?? Make(snapshot);

    // A batch that began just before the newest one came has the one before it.
    private ModelView? Known(EligibleItems snapshot)
    {
        var last = _last;
        if (last?.Eligible.Of == snapshot)
        {
            return last;
        }
        var before = _before;
        return before?.Eligible.Of == snapshot ? before : null;
    }

    private ModelView Make(EligibleItems snapshot)
    {
        lock (_making)
        {
            if (Known(snapshot) is { } known)
            {
                return known;
            }
            var last = _last;
            if (last?.Eligible.Of.Number > snapshot.Number)
            {
                // Whoever comes too late for both goes by a table of its own: to it, all its users are others'.
                return View(
                    snapshot,
                    last.Eligible,
                    snapshot.Items is { } of ? Table(of) : null,
                    ModelItems.NextNumber()
                );
            }
            if (snapshot.Items is { } items && vectors is not null && _table?.IsOf(items) != true)
            {
                (_table, _tableNumber) = (Table(items), ModelItems.NextNumber());
            }
            var view = View(snapshot, last?.Eligible, _table, _tableNumber);
            (_before, _last) = (last, view);
            return view;
        }
    }

    private NewItemTable? Table(AvailabilityTable.View first) =>
        vectors is null ? null : new NewItemTable(bundle, vectors, first);

    private ModelView View(EligibleItems snapshot, ModelEligible? before, NewItemTable? table, int number)
    {
        var added = snapshot.Items is { } of ? table?.Follow(of) : null;
        var eligible = new ModelEligible(snapshot, bundle, index, before, added);
        return added is null
            ? new ModelView(eligible, items, texts, null)
            : new ModelView(eligible, new ModelItems(bundle, added, number), texts.With(added), added);
    }
}
