using System.Collections.Concurrent;
using StreamRec.Models;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Catalogue;

/// <summary>What may be listed of one model's items, as a search takes it. Safe for any number of threads.</summary>
internal sealed class ModelEligible(EligibleItems items, Bundle bundle, Func<ItemIndex> index)
{
    // Users of a batch are asked about at nearly the same time: few spans are ever needed again.
    private const int MostKept = 16;

    private readonly ConcurrentDictionary<int, Answer> _spans = new();

    public EligibleItems Of => items;

    /// <summary>Whether users may differ in what their lists may hold.</summary>
    public bool Changes => items.Changes;

    /// <inheritdoc cref="EligibleItems.SpanOf"/>
    public int SpanOf(long timeMs) => items.SpanOf(timeMs);

    /// <summary>What may be listed throughout a span; null: all items of the model.</summary>
    public EligiblePositions? At(int span)
    {
        if (items.IsAll)
        {
            return null;
        }
        if (!_spans.TryGetValue(span, out var answer))
        {
            if (_spans.Count >= MostKept)
            {
                _spans.Clear();
            }
            _spans[span] = answer = new Answer(Find(items.Begin(span)));
        }
        return answer.Positions;
    }

    private EligiblePositions? Find(long timeMs)
    {
        var withheld = new List<int>();
        for (var item = 1; item < bundle.ItemIds.Length; item++)
        {
            if (!items.Holds(bundle.ItemIds[item], timeMs))
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
