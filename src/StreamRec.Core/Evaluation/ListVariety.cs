using StreamRec.Models;

namespace StreamRec.Evaluation;

/// <summary>How varied lists are, and how near to what their users took: summed up as they come.</summary>
/// <param name="catalogue">The items, by index.</param>
/// <param name="categories">Null: not known.</param>
public sealed class ListVariety(ItemStatistics catalogue, ItemCategories? categories)
{
    /// <summary>α of the divergence: so much of the history's share a list is taken to have anyway.</summary>
    private const double Smoothing = 0.01;

    private readonly long[] _listed = new long[catalogue.Counts.Count];
    private readonly long _events = catalogue.Counts.Sum();
    private double _likeness,
        _bits,
        _divergence;
    private long _pairs,
        _items,
        _diverging;

    /// <param name="history">The user's items, 0 for those that are not known.</param>
    public void Add(ReadOnlySpan<int> history, ReadOnlySpan<int> list)
    {
        for (var place = 0; place < list.Length; place++)
        {
            _listed[list[place]]++;
            _items++;
            _bits -= Math.Log2(Math.Max(1, catalogue.Counts[list[place]]) / (double)Math.Max(1, _events));
            for (var before = 0; before < place; before++)
            {
                if (catalogue.Similarity(list[before], list[place]) is { } cosine)
                {
                    _likeness += cosine;
                    _pairs++;
                }
            }
        }
        if (categories is not null && list.Length > 0 && Shares(history) is { Count: > 0 } taken)
        {
            var shown = Shares(list);
            _divergence += taken.Sum(pair =>
                pair.Value
                * Math.Log(
                    pair.Value / (((1 - Smoothing) * shown.GetValueOrDefault(pair.Key)) + (Smoothing * pair.Value))
                )
            );
            _diverging++;
        }
    }

    /// <summary>Null where no list held an item.</summary>
    public VarietyFigures? Figures() =>
        _items == 0
            ? null
            : new VarietyFigures(
                _pairs == 0 ? null : 1 - (_likeness / _pairs),
                _listed.Count(times => times > 0) / (double)(_listed.Length - 1),
                Gini(),
                _events == 0 ? null : _bits / _items,
                _diverging == 0 ? null : _divergence / _diverging
            );

    private double Gini()
    {
        long[] sorted = [.. _listed.Skip(1).Order()];
        double n = sorted.Length;
        return sorted.Select((times, at) => ((2 * (at + 1)) - n - 1) * times).Sum() / (n * _items);
    }

    private Dictionary<int, double> Shares(ReadOnlySpan<int> items)
    {
        var shares = new Dictionary<int, double>();
        foreach (var item in items)
        {
            var own = categories!.Of(item);
            foreach (var category in own)
            {
                shares[category] = shares.GetValueOrDefault(category) + (1.0 / own.Length);
            }
        }
        var all = shares.Values.Sum();
        return shares.ToDictionary(pair => pair.Key, pair => pair.Value / all);
    }
}

/// <summary>How varied lists are. Null: it cannot be told.</summary>
/// <param name="Distance">ILD: 1 less the mean cosine of the vectors of two items of a list.</param>
/// <param name="Coverage">The share of all items that stand in some list.</param>
/// <param name="Gini">How unevenly items are listed: 0 all alike, 1 one alone.</param>
/// <param name="Novelty">Mean −log₂ of the listed items' shares of the training events, in bits.</param>
/// <param name="Divergence">
/// KL: Steck's divergence of a list's categories from those of the user's history, in nats, α = .01; the mean over
/// users of whose history a category is known.
/// </param>
public sealed record VarietyFigures(
    double? Distance,
    double Coverage,
    double Gini,
    double? Novelty,
    double? Divergence
);
