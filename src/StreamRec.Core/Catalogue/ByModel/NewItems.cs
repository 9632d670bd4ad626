using StreamRec.Encoders;
using StreamRec.Lists;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Catalogue.ByModel;

/// <summary>
/// The items of one state of the catalogue that a model was not trained on: immutable, safe for any number of threads.
/// A function of the model and of what the catalogue says, whichever states were there before: only the numbers are
/// not, and no list depends on those.
/// </summary>
internal sealed class NewItems : IAddedRows, IAddedTexts
{
    private readonly int _known;
    private readonly AvailabilityTable.View _items;
    private readonly NewItem?[][] _pieces;
    private readonly NewItem[][] _rows;

    /// <param name="known">N: numbers are N + 1 + an item's place in the catalogue's table.</param>
    /// <param name="pieces">By place, as the table's; null where none is new.</param>
    /// <param name="sorted">All, by their ids.</param>
    /// <param name="parts">How they are laid out, with what lies there, some of which may be no more.</param>
    public NewItems(
        int known,
        int epoch,
        AvailabilityTable.View items,
        NewItem?[][] pieces,
        NewItem[] sorted,
        IReadOnlyList<(ItemIndex Index, NewItem[] Rows)> parts
    )
    {
        (_known, Epoch, _items, _pieces, Sorted) = (known, epoch, items, pieces, sorted);
        _rows = [.. parts.Select(part => part.Rows)];
        Search = new AddedItems(
            known,
            Array.ConvertAll(sorted, item => item.Number),
            [
                .. parts.Select(part => new AddedItems.Layout(
                    part.Index,
                    Array.ConvertAll(part.Rows, item => item.Number)
                )),
            ]
        );
        InTail = sorted.Count(item => !item.IsSettled);
        Longest = sorted.Select(item => item.Text.Length).DefaultIfEmpty().Max();
    }

    /// <summary>Grows with each state that has other items, or other vectors, than the one before.</summary>
    public int Epoch { get; }

    /// <summary>All, by their ids.</summary>
    public NewItem[] Sorted { get; }

    public int Longest { get; }

    /// <summary>Of how many it is that lie in front of the rest, by themselves.</summary>
    public int InTail { get; }

    internal NewItem?[][] Pieces => _pieces;

    internal AddedItems Search { get; }

    /// <summary>The number of an id; 0 where it is not one of these.</summary>
    public int IndexOf(ReadOnlySpan<byte> itemId) => Find(_known + 1 + _items.PlaceOf(itemId))?.Number ?? 0;

    /// <summary>Null for a number of none.</summary>
    public NewItem? Find(int number)
    {
        var place = number - _known - 1;
        var piece = place >> AvailabilityTable.TogetherBits;
        return (uint)piece < (uint)_pieces.Length ? _pieces[piece][place & (AvailabilityTable.Together - 1)] : null;
    }

    /// <summary>Which may be listed at a time, by a state of the catalogue that says the same of vectors.</summary>
    public AddedItems.Listed At(AvailabilityTable.View items, long timeMs) =>
        Search.With([
            .. _rows.Select(rows =>
                Enumerable.Range(1, rows.Length).Where(row => !Holds(rows[row - 1], items, timeMs)).ToArray()
            ),
        ]);

    public bool Has(int item) => Find(item) is not null;

    ReadOnlySpan<float> IAddedRows.Of(int item) => Find(item)!.Vector;

    ReadOnlySpan<byte> IAddedTexts.Of(int item) => Find(item)!.Text;

    private bool Holds(NewItem item, AvailabilityTable.View items, long timeMs) =>
        ReferenceEquals(Find(item.Number), item) && items.At(item.Number - _known - 1).Holds(timeMs);
}
