using StreamRec.Models;

namespace StreamRec.Evaluation;

/// <summary>
/// The items of the events and those of a bundle under one index: the events' own 1…N first, then what only the bundle
/// knows.
/// </summary>
internal sealed class ItemUnion
{
    private readonly List<int> _toBundle = [0];
    private readonly int[] _fromBundle;
    private readonly Dictionary<string, int> _ofEventsAlone = new(StringComparer.Ordinal);
    private readonly Bundle _bundle;

    /// <param name="bundle">The model.</param>
    /// <param name="itemIds">
    /// The events' N+1 ids, the one at 0 being padding; null: there are no events, and the bundle's indices stay.
    /// </param>
    public ItemUnion(Bundle bundle, IReadOnlyList<string>? itemIds)
    {
        (_bundle, _fromBundle) = (bundle, new int[bundle.Manifest.Items + 1]);
        foreach (var id in itemIds?.Skip(1) ?? [])
        {
            var known = bundle.IndexOf(id);
            if (known == 0)
            {
                _ofEventsAlone[id] = _toBundle.Count;
            }
            _fromBundle[known] = _toBundle.Count;
            Shared += known == 0 ? 0 : 1;
            _toBundle.Add(known);
        }
        // Whatever the bundle lacks was put there.
        _fromBundle[0] = 0;
        for (var item = 1; item < _fromBundle.Length; item++)
        {
            if (_fromBundle[item] == 0)
            {
                _fromBundle[item] = _toBundle.Count;
                _toBundle.Add(item);
            }
        }
    }

    /// <summary>The highest index.</summary>
    public int Count => _toBundle.Count - 1;

    /// <summary>Items of the events that the bundle knows.</summary>
    public int Shared { get; }

    /// <summary>The bundle's index; 0 where it lacks the item.</summary>
    public int ToBundle(int item) => _toBundle[item];

    /// <summary>The index of a bundle's item.</summary>
    public int FromBundle(int item) => _fromBundle[item];

    /// <summary>The index of an id; 0 where neither knows it.</summary>
    public int IndexOf(string itemId) =>
        _bundle.IndexOf(itemId) is > 0 and var item ? _fromBundle[item] : _ofEventsAlone.GetValueOrDefault(itemId);
}
