using System.Collections.Concurrent;
using StreamRec.Models;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking.Caps;

namespace StreamRec.Catalogue.ByModel;

/// <summary>What may be listed of one model's items, as a search takes it. Safe for any number of threads.</summary>
/// <param name="before">The same of the snapshot before, which has looked most of the items up.</param>
/// <param name="added">The snapshot's items that the model does not know, where it makes something of them.</param>
internal sealed class ModelEligible(
    EligibleItems items,
    Bundle bundle,
    Func<ItemIndex> index,
    ModelEligible? before = null,
    NewItems? added = null
)
{
    // Users of a batch are asked about at nearly the same time: few spans are ever needed again.
    private const int MostKept = 16;

    private readonly ConcurrentDictionary<int, ListableItems> _spans = new();
    private readonly AvailabilityTable.Places? _places = items.Items?.Find(bundle.ItemIds, before?._places);
    private ItemGroups? _groups;

    public EligibleItems Of => items;

    /// <summary>Whether users may differ in what their lists may hold.</summary>
    public bool Changes => items.Changes;

    /// <inheritdoc cref="EligibleItems.SpanOf"/>
    public int SpanOf(long timeMs) => items.SpanOf(timeMs);

    /// <summary>What a cap counts the model's items among; null: the catalogue says nothing of it.</summary>
    public ItemGroups? Groups =>
        items is { Items: { } view, Groups: { } sets }
            ? _groups ??= new ItemGroups(
                [.. Array.ConvertAll(_places!.ById, place => view.At(place).Group), .. GroupsOfAdded(view)],
                sets,
                item =>
                    (item < _places.ById.Length || added?.Has(item) == true)
                    && view.At(PlaceOf(item)) is { Available: true, Filtered: false }
            )
            : null;

    /// <summary>What may be listed throughout a span.</summary>
    public ListableItems At(int span)
    {
        if (items.Items is not { } view)
        {
            return default;
        }
        if (!_spans.TryGetValue(span, out var answer))
        {
            if (_spans.Count >= MostKept)
            {
                _spans.Clear();
            }
            var begin = items.Begin(span);
            _spans[span] = answer = new ListableItems(Find(view, begin), added?.At(view, begin));
        }
        return answer;
    }

    private int PlaceOf(int item) => item < _places!.ById.Length ? _places.ById[item] : item - _places.ById.Length;

    private IEnumerable<int> GroupsOfAdded(AvailabilityTable.View view) =>
        added is null ? [] : Enumerable.Range(0, view.Ids.Length).Select(place => view.At(place).Group);

    private EligiblePositions? Find(AvailabilityTable.View view, long timeMs)
    {
        var withheld = new List<int>();
        var places = _places!.ById;
        for (var item = 1; item < places.Length; item++)
        {
            if (!view.At(places[item]).Holds(timeMs))
            {
                withheld.Add(item);
            }
        }
        return withheld.Count == 0
            ? null
            : new EligiblePositions(index(), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(withheld));
    }
}

/// <summary>What lists may hold, as a search takes it.</summary>
/// <param name="Known">Of the model's items; null: all.</param>
/// <param name="Added">Of others; null: none.</param>
internal readonly record struct ListableItems(EligiblePositions? Known, AddedItems.Listed? Added);
