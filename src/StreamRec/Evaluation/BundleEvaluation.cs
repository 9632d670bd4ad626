using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Ranking;
using StreamRec.Training.Data;
using StreamRec.Training.Evaluation;

namespace StreamRec.Evaluation;

/// <summary>
/// Judges a bundle, through the serving path, beside baselines that get the same training data and questions.
/// </summary>
/// <param name="eligible">What a list may hold.</param>
internal sealed class BundleEvaluation(Bundle bundle, Eligibility eligible, CancellationToken cancel = default)
{
    /// <summary>Places of the dial that are judged as well.</summary>
    public IReadOnlyList<float> Dials { get; init; } = [];

    /// <summary>By which lists are judged as well; null: none.</summary>
    public RuledLists? Rules { get; init; }

    /// <summary>By which they are judged.</summary>
    public ItemCategories? Categories { get; init; } = bundle.Categories;

    /// <summary>Every user's last event, from all before it. Baselines are trained on the rest.</summary>
    public EvaluationReport LeaveOneOut(SequenceData data) =>
        OnSplit(data, Splits.LeaveOneOut(data.Sequences), stream: false);

    /// <summary>
    /// Every prefix of the newest tenth of the sequences and its next item. Baselines are trained on the older ones.
    /// </summary>
    public EvaluationReport BySession(SequenceData data) =>
        OnSplit(data, Splits.BySession(data.Sequences, data.Times), stream: false);

    /// <summary>
    /// The newest fifth of all events as a stream: each is asked, then popularity and Markov learn from it.
    /// </summary>
    public EvaluationReport ByTime(SequenceData data) =>
        OnSplit(data, Splits.ByTime(data.Sequences, data.Times), stream: true);

    /// <summary>Questions from a file; baselines that need sequences are there if training data is.</summary>
    public EvaluationReport Prefixes(string path, SequenceData? training)
    {
        var items = new ItemUnion(bundle, training?.ItemIds);
        var cases = PrefixFile.Read(path, items.IndexOf, cancel);
        if (cases.All(asked => items.ToBundle(asked.Target) == 0))
        {
            throw Strangers(bundle, $"the {cases.Count} targets of '{path}'");
        }
        var trains = training is { Events: > 0 };
        IReadOnlyList<long> counts = trains ? SequenceData.Counts(training!.Sequences, items.Count) : OfBundle(items);
        ICaseRanker[] baselines =
            trains ? [.. Learning(training!.Sequences), .. Fixed(training.Sequences, items.Count)]
            : bundle.HasCounts ? [new FixedPopularityRanker([.. counts.Select(count => (double)count)])]
            : [];
        using var model = new ModelRanker(bundle, items);
        var evaluator = new Evaluator(Catalogue(items, counts), eligible, cancel: cancel);
        var models = Models(model);
        var results = evaluator.OnCases([.. models, .. Popular(items), .. baselines], cases);
        string[] notes = trains
            ? []
            :
            [
                (
                    bundle.HasCounts
                        ? "popularity alone stands beside the model"
                        : "no baseline stands beside the model: the bundle has no counts"
                ) + "; --events FILE, with the events that were trained on, adds the others",
            ];
        return Report(results, cases, evaluator.Summary(cases), LeakCheck.Questions, models, items, notes);
    }

    private EvaluationReport OnSplit(SequenceData data, Split split, bool stream)
    {
        var cases = stream ? Evaluator.Judged(split.Cases) : split.Cases;
        if (cases.Count == 0)
        {
            throw new StreamRecException(
                $"The split leaves no case to judge of {data.Events} events of {data.UserIds.Count} users; "
                    + "give more data, or another split.",
                FaultKind.Input
            );
        }
        var items = new ItemUnion(bundle, data.ItemIds);
        if (items.Shared == 0)
        {
            throw Strangers(bundle, $"the {data.Items} items of the events");
        }
        var trains = split.Training.Any(sequence => sequence.Length > 0);
        ICaseRanker[] learning = Learning(split.Training),
            others = [.. Popular(items), .. trains ? Fixed(split.Training, items.Count) : []];
        using var model = new ModelRanker(bundle, items);
        var evaluator = new Evaluator(
            Catalogue(items, SequenceData.Counts(split.Training, items.Count)),
            eligible,
            stream ? user => split.Training[user].IsEmpty : null,
            cancel
        );
        var models = Models(model);
        var news = stream ? new NewUserEvaluation(data, split, items, HalfLife, eligible, cancel).Of(models[^1]) : null;
        var results = stream
            ? evaluator.OnStream([.. models, .. others], learning, split.Cases)
            : evaluator.OnCases([.. models, .. learning, .. others], cases);
        return Report(
            results,
            cases,
            evaluator.Summary(cases),
            LeakCheck.Of(bundle, data, cases),
            models,
            items,
            trains
                ? []
                : ["the split leaves no event to train baselines on; only those that learn from the stream are there"]
        ) with
        {
            NewUsers = news,
        };
    }

    private EvaluationReport Report(
        IReadOnlyList<RankerEvaluation> results,
        IReadOnlyList<RankingCase> asked,
        CaseSummary cases,
        Leak leak,
        ModelRanker[] models,
        ItemUnion items,
        IEnumerable<string> notes
    ) =>
        new()
        {
            Rankers = results,
            Dial = Dials.Count == 0 ? [] : DialCurve.Of(bundle, Categories, Dials, models[^1], asked, eligible, cancel),
            Ruled = Rules?.Of(bundle, Categories, items, asked, eligible, cancel) ?? [],
            Cases = cases,
            Leak = leak,
            HeldOut = EvaluationNotes.HeldOut(bundle.Manifest),
            Eligible = eligible,
            Way = models[0].Way,
            Fallbacks = models[0].Fallbacks,
            Notes =
            [
                .. notes,
                .. EvaluationNotes.Of(bundle.Manifest, cases, leak, eligible, models[0].Fallbacks),
                .. EvaluationNotes.OfDial(Dials, Categories),
                .. EvaluationNotes.OfRules(bundle, Rules?.Catalogue),
            ],
        };

    // Beside what is served, where the bundle re-ranks, what it would be without the network.
    private ModelRanker[] Models(ModelRanker model) =>
        ServedReranker.Of(bundle) is { } reranker ? [model, model.With(reranker.Open())] : [model];

    private TimeSpan? HalfLife =>
        bundle is { Popularity: not null, Manifest.PopularHalfLifeMs: { } half }
            ? TimeSpan.FromMilliseconds(half)
            : null;

    // What readers get of a user without a list, where that is not the baseline's own order.
    private FixedPopularityRanker[] Popular(ItemUnion items) =>
        bundle.Popularity is { } popularity
            ?
            [
                new FixedPopularityRanker(
                    [.. Enumerable.Range(0, items.Count + 1).Select(item => (double)popularity[items.ToBundle(item)])],
                    "popular"
                ),
            ]
            : [];

    internal static StreamRecException Strangers(Bundle bundle, string what) =>
        new(
            $"The bundle {bundle.Manifest.ModelId} of {bundle.Manifest.Items} items knows none of {what}: "
                + $"ids must be those that it was trained with, such as '{bundle.ItemIds[1]}'.",
            FaultKind.Input
        );

    private long[] OfBundle(ItemUnion items) =>
        [.. Enumerable.Range(0, items.Count + 1).Select(item => bundle.Counts[items.ToBundle(item)])];

    private ItemStatistics Catalogue(ItemUnion items, IReadOnlyList<long> counts)
    {
        var d = bundle.Manifest.Dimension;
        return new ItemStatistics(
            counts,
            item => items.ToBundle(item) is > 0 and var known ? bundle.Vectors.AsMemory(known * d, d) : default,
            item => items.ToBundle(item) > 0
        );
    }

    private ICaseRanker[] Learning(IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        ICaseRanker[] rankers =
        [
            new StreamCaseRanker("popularity", new PopularityRanker()),
            new StreamCaseRanker("markov", new MarkovRanker()),
        ];
        for (var user = 0; user < training.Count; user++)
        {
            cancel.ThrowIfCancellationRequested();
            var previous = 0;
            foreach (var item in training[user].Span)
            {
                Array.ForEach(rankers, ranker => ranker.Observe(user, previous, item));
                previous = item;
            }
        }
        return rankers;
    }

    private ICaseRanker[] Fixed(IReadOnlyList<ReadOnlyMemory<int>> training, int items) =>
        [new ItemToItemRanker(training, items, cancel), new MatrixFactorizationRanker(training, items, cancel: cancel)];
}
