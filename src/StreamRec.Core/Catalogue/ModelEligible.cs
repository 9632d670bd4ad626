using System.Collections.Concurrent;
using StreamRec.Models;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking.Caps;

namespace StreamRec.Catalogue;

/// <summary>What may be listed of one model's items, as a search takes it. Safe for any number of threads.</summary>
/// <param name="before">The same of the snapshot before, which has looked most of the items up.</param>
internal sealed class ModelEligible(
    EligibleItems items,
    Bundle bundle,
    Func<ItemIndex> index,
    ModelEligible? before = null
)
{
    // Users of a batch are asked about at nearly the same time: few spans are ever needed again.
    private const int MostKept = 16;

    private readonly ConcurrentDictionary<int, Answer> _spans = new();
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
                Array.ConvertAll(_places!.ById, place => view.At(place).Group),
                sets,
                item => view.At(_places.ById[item]) is { Available: true, Filtered: false }
            )
            : null;

    /// <summary>What may be listed throughout a span; null: all items of the model.</summary>
    public EligiblePositions? At(int span)
    {
        if (items.Items is not { } view)
        {
            return null;
        }
        if (!_spans.TryGetValue(span, out var answer))
        {
            if (_spans.Count >= MostKept)
            {
                _spans.Clear();
            }
            _spans[span] = answer = new Answer(Find(view, items.Begin(span)));
        }
        return answer.Positions;
    }

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

    private readonly record struct Answer(EligiblePositions? Positions);
}
