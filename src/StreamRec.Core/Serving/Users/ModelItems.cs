using StreamRec.Catalogue.ByModel;
using StreamRec.Models;

namespace StreamRec.Serving.Users;

/// <summary>
/// Items as one model knows them, beside one state of the catalogue where it makes something of others.
/// </summary>
internal sealed class ModelItems
{
    private static int s_made;

    private readonly Bundle _bundle;
    private readonly NewItems? _added;

    public ModelItems(Bundle bundle)
        : this(bundle, null, NextNumber()) { }

    /// <param name="added">Items that the model was not trained on.</param>
    /// <param name="number">The same for all states of one catalogue.</param>
    public ModelItems(Bundle bundle, NewItems? added, int number)
    {
        (_bundle, _added, Known) = (bundle, added, bundle.Manifest.Items);
        Version = new ItemsVersion(number, added?.Epoch ?? 0);
    }

    /// <summary>
    /// Tells the model from all others of the process, also from the same bundle loaded again, and the state of the
    /// catalogue. A user refers to both by it, and so keeps neither in memory.
    /// </summary>
    public ItemsVersion Version { get; }

    /// <summary>N: items up to here are the same in all states.</summary>
    public int Known { get; }

    /// <summary>From 1, another one each time.</summary>
    public static int NextNumber() => Interlocked.Increment(ref s_made);

    /// <summary>The index of an id in UTF-8, from 1; 0 for an item that is not known.</summary>
    public int IndexOf(ReadOnlySpan<byte> itemId)
    {
        var item = _bundle.IndexOf(itemId);
        return item > 0 || _added is null ? item : _added.IndexOf(itemId);
    }

    /// <summary>Whether an item has another vector than in an earlier state, in which it was known.</summary>
    public bool HasChanged(int item, ItemsVersion since) => _added?.Find(item)?.Since > since.Epoch;
}

/// <summary>A model, and a state of the catalogue.</summary>
/// <param name="Number">From 1; 0: no model's.</param>
/// <param name="Epoch">Grows where items were added, changed or taken away that the model was not trained on.</param>
internal readonly record struct ItemsVersion(int Number, int Epoch);
