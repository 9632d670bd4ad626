using StreamRec.Catalogue;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Serving;

namespace StreamRec.Evaluation;

/// <summary>Rules of lists that are judged: what a worker is given by the settings of the same names.</summary>
/// <param name="Catalogue">What the filter and the cap go by; null: none is read.</param>
internal sealed record RuledLists(ItemFilter Filter, ListCap? Cap, CatalogueView? Catalogue)
{
    public const int ListLength = 10;

    /// <summary>By the names of the settings.</summary>
    public string Text =>
        string.Join(' ', new[] { Filter.Text, Cap is null ? "" : $"Cap={Cap.Text}" }.Where(text => text.Length > 0));

    /// <summary>Lists without the rules, and with them, of the same cases.</summary>
    public IReadOnlyList<RuledPoint> Of(
        Bundle bundle,
        ItemCategories? categories,
        ItemUnion items,
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        CancellationToken cancel
    )
    {
        RankingCase[] asked =
        [
            .. DialCurve
                .Thinned(cases)
                .OrderBy(one => one.User)
                .ThenBy(one => one.History.Length)
                .Select(one => new RankingCase(one.User, ToBundle(items, one.History), items.ToBundle(one.Target))),
        ];
        return
        [
            new RuledLists(ItemFilter.None, null, null).Judge(bundle, categories, asked, eligible, cancel),
            Judge(bundle, categories, asked, eligible, cancel),
        ];
    }

    private RuledPoint Judge(
        Bundle bundle,
        ItemCategories? categories,
        RankingCase[] asked,
        Eligibility eligible,
        CancellationToken cancel
    )
    {
        var (d, now) = (bundle.Manifest.Dimension, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var view = Catalogue ?? CatalogueView.None;
        var options = new ServingOptions
        {
            ListSize = ListLength,
            Filter = Filter,
            Cap = Cap,
            Sequence = new() { Kept = Recommender.LeastKept(bundle) },
        };
        using var models = new LiveModel(
            new ServingModel(bundle, new ServedEncoder(bundle), options, ServedReranker.OpenerOf(bundle))
        );
        var recommender = new Recommender(models, options, TimeProvider.System, (_, _) => -1) { Catalogue = view };
        int[] popular =
        [
            .. PublishedList
                .Parse(recommender.Popular().All)
                .Items.Select(id => bundle.IndexOf(System.Text.Encoding.UTF8.GetBytes(id))),
        ];
        if (popular.Length == 0)
        {
            throw new StreamRecException(
                $"By {(Text.Length > 0 ? Text : "the file of items")} none of the bundle's "
                    + $"{bundle.Manifest.Items} items may be listed now: filter less, or give some that are available.",
                FaultKind.Input
            );
        }
        using var lease = models.Lease();
        var vectors = new float[asked.Length * d];
        var usable = new HistoryEncoding(lease.Model).Encode([.. asked.Select(one => one.History)], vectors, cancel);
        var metrics = new RankingMetrics();
        var lists = new ListVariety(
            new ItemStatistics(bundle.Counts, item => bundle.Vectors.AsMemory(item * d, d)),
            categories
        );
        Span<int> list = stackalloc int[ListLength];
        for (var at = 0; at < asked.Length; at++)
        {
            cancel.ThrowIfCancellationRequested();
            var history = asked[at].History.Span;
            scoped ReadOnlySpan<int> top = popular;
            if (usable[at])
            {
                // What a worker knows of the user.
                var kept = history[^Math.Min(history.Length, eligible.Kept)..];
                var vector = vectors.AsSpan(at * d, d);
                var count = lease.Model.List(vector, kept, eligible.Excluded(history), view, now, list);
                // Who has seen all that may be listed gets the best of it again, as from a worker.
                top = list[..(count > 0 ? count : lease.Model.List(vector, kept, [], view, now, list))];
            }
            var place = asked[at].Target > 0 ? top.IndexOf(asked[at].Target) : -1;
            metrics.Add(place < 0 ? RankingMetrics.Miss : place + 1, asked[at].User);
            lists.Add(history, top);
        }
        return new RuledPoint(Text, metrics, lists.Figures());
    }

    private static int[] ToBundle(ItemUnion items, ReadOnlyMemory<int> history)
    {
        var known = history.ToArray();
        for (var at = 0; at < known.Length; at++)
        {
            known[at] = items.ToBundle(known[at]);
        }
        return known;
    }
}

/// <summary>What lists of <see cref="RuledLists.ListLength"/> are worth by rules.</summary>
/// <param name="Rules">Empty: none.</param>
internal sealed record RuledPoint(string Rules, RankingMetrics Metrics, VarietyFigures? Lists);
