using System.Numerics.Tensors;
using StreamRec.Models;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Catalogue.ByModel;

/// <summary>
/// Follows one catalogue's states for one model: what changed since the one before is made anew, and lies in a tail of
/// its own until that is full. One thread at a time; what it shows is immutable.
/// </summary>
/// <remarks>
/// A tail that is not full costs a search one block, however old it is; so nothing is merged by age. Whoever follows
/// the catalogue does it, on no event's way.
/// </remarks>
internal sealed class NewItemTable
{
    /// <summary>Items in the tail at most: a block of a search.</summary>
    public const int MostInTail = 1536;

    private readonly Bundle _bundle;
    private readonly IItemVectors _vectors;
    private readonly object _of;
    private AvailabilityTable.View? _seen;
    private NewItems? _now;
    private (ItemIndex Index, NewItem[] Rows)? _settled;

    /// <param name="first">The first state; others that are followed are of the same table.</param>
    public NewItemTable(Bundle bundle, IItemVectors vectors, AvailabilityTable.View first) =>
        (_bundle, _vectors, _of) = (bundle, vectors, first.Of);

    /// <summary>How often the tail was laid out with the rest.</summary>
    public int Merges { get; private set; }

    /// <summary>Whether it can follow a state.</summary>
    public bool IsOf(AvailabilityTable.View items) => ReferenceEquals(items.Of, _of);

    /// <summary>Goes on to a later state.</summary>
    public NewItems Follow(AvailabilityTable.View items)
    {
        var epoch = (_now?.Epoch ?? 0) + 1;
        var (pieces, came, changed) = Changes(items, epoch);
        _seen = items;
        if (_now is not null && !changed)
        {
            return _now;
        }
        var sorted = Merge(
            [.. (_now?.Sorted ?? []).Where(item => ReferenceEquals(At(pieces, Place(item)), item))],
            came
        );
        var tail = Array.FindAll(sorted, item => !item.IsSettled);
        // Those that are no more are passed over by each search.
        var gone = (_settled?.Rows.Length ?? 0) - (sorted.Length - tail.Length);
        if (tail.Length > MostInTail || gone > MostInTail)
        {
            Array.ForEach(sorted, item => item.IsSettled = true);
            (_settled, tail) = (sorted.Length == 0 ? null : (LayOut(sorted), sorted), []);
            Merges++;
        }
        List<(ItemIndex, NewItem[])> parts = [];
        if (_settled is { } settled)
        {
            parts.Add(settled);
        }
        if (tail.Length > 0)
        {
            parts.Add((LayOut(tail), tail));
        }
        return _now = new NewItems(_bundle.Manifest.Items, epoch, items, pieces, sorted, parts);
    }

    private (NewItem?[][] Pieces, List<NewItem> Came, bool Changed) Changes(AvailabilityTable.View items, int epoch)
    {
        var before = _now?.Pieces ?? [];
        var (came, changed) = (new List<NewItem>(), false);
        NewItem?[][] pieces = [.. before, .. Enumerable.Repeat(s_none, items.Pieces - before.Length)];
        for (var piece = 0; piece < pieces.Length; piece++)
        {
            if (items.HasSame(piece, _seen))
            {
                continue;
            }
            for (var at = 0; at < AvailabilityTable.Together; at++)
            {
                var place = (piece << AvailabilityTable.TogetherBits) + at;
                var facts = items.At(place).Facts;
                if (ReferenceEquals(facts, _seen?.At(place).Facts))
                {
                    continue;
                }
                var (was, item) = (pieces[piece][at], Make(items, place, facts, epoch));
                if (item is null ? was is null : was?.SaysAs(item) == true)
                {
                    continue;
                }
                // Once for each piece, unless it is all of nobody's.
                if (ReferenceEquals(pieces[piece], piece < before.Length ? before[piece] : s_none))
                {
                    pieces[piece] = [.. pieces[piece]];
                }
                pieces[piece][at] = item;
                changed = true;
                if (item is not null)
                {
                    came.Add(item);
                }
            }
        }
        came.Sort(NewItem.Compare);
        return (pieces, came, changed);
    }

    private static readonly NewItem?[] s_none = new NewItem?[AvailabilityTable.Together];

    private NewItem? Make(AvailabilityTable.View items, int place, ItemFacts? facts, int epoch)
    {
        if (facts is null || _bundle.IndexOf(items.Ids[place]) > 0)
        {
            return null;
        }
        var vector = new float[_bundle.Manifest.Dimension];
        var bias = _vectors.Embed(facts, vector);
        var item = new NewItem(items.Ids[place], _bundle.Manifest.Items + 1 + place, vector, bias, epoch);
        // Of a tower whose numbers are beyond all measure.
        return IsFinite(item) ? item : null;
    }

    private bool IsFinite(NewItem item)
    {
        var scored = new float[item.Vector.Length];
        Scored(item, scored, out var bias);
        return float.IsFinite(bias) && float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(scored));
    }

    private void Scored(NewItem item, Span<float> vector, out float bias)
    {
        var (gamma, beta) = _vectors.Weights;
        TensorPrimitives.Multiply(item.Vector, gamma, vector);
        bias = item.Bias + beta;
    }

    private ItemIndex LayOut(NewItem[] items)
    {
        var dimension = _bundle.Manifest.Dimension;
        var (vectors, biases) = (new float[(items.Length + 1) * dimension], new float[items.Length + 1]);
        for (var row = 1; row <= items.Length; row++)
        {
            Scored(items[row - 1], vectors.AsSpan(row * dimension, dimension), out biases[row]);
        }
        return ItemIndex.BuildWhole(vectors, dimension, biases);
    }

    private int Place(NewItem item) => item.Number - _bundle.Manifest.Items - 1;

    private static NewItem? At(NewItem?[][] pieces, int place) =>
        pieces[place >> AvailabilityTable.TogetherBits][place & (AvailabilityTable.Together - 1)];

    private static NewItem[] Merge(NewItem[] left, List<NewItem> right)
    {
        var all = new NewItem[left.Length + right.Count];
        for (int l = 0, r = 0, at = 0; at < all.Length; at++)
        {
            all[at] =
                r == right.Count || (l < left.Length && NewItem.Compare(left[l], right[r]) < 0)
                    ? left[l++]
                    : right[r++];
        }
        return all;
    }
}
