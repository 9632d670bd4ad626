using StreamRec.Evaluation;
using StreamRec.Input;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Ranking;
using StreamRec.Terminal;
using StreamRec.Training.Baselines;
using StreamRec.Training.Data;
using StreamRec.Training.Options;

namespace StreamRec.Comparisons;

/// <summary>
/// Puts the same questions to bundles and to every kind of ranker, each fitted to the same training part, with
/// settings that were chosen by events of that part alone.
/// </summary>
internal sealed class RankerComparison(
    SequenceData data,
    IReadOnlyList<(string Path, Bundle Bundle)> models,
    ProgressLine line,
    TimeProvider clock,
    CancellationToken cancel = default
)
{
    /// <summary>Users whose last event of the training part settings are chosen by, at most.</summary>
    private const int MostValidated = 2000;

    private readonly List<ComparedRanker> _rankers = [];
    private readonly List<string> _notes = [];

    public IReadOnlyList<RankerKind> Kinds { get; init; } = RankerKinds.All;

    /// <summary>Whether the kinds were asked for one by one: what cannot be had is worth a note then.</summary>
    public bool Asked { get; init; }

    /// <summary>Of the data's items; null: not known.</summary>
    public ItemCategories? Categories { get; init; }

    /// <summary>Null: as the first bundle says, or as training would decide.</summary>
    public SeenRule? FilterSeen { get; init; }

    /// <summary>K; 0: 2W−1.</summary>
    public int Kept { get; init; }

    public ComparisonReport OnSplit(string split)
    {
        var held = split switch
        {
            TrainingInput.Time => Splits.ByTime(data.Sequences, data.Times),
            TrainingInput.Session => Splits.BySession(data.Sequences, data.Times),
            _ => Splits.LeaveOneOut(data.Sequences),
        };
        var stream = split == TrainingInput.Time;
        var cases = stream ? Evaluator.Judged(held.Cases) : held.Cases;
        if (cases.Count == 0)
        {
            throw new StreamRecException(
                $"The split leaves no case to judge of {data.Events} events of {data.UserIds.Count} users; "
                    + "give more data, or another split.",
                FaultKind.Input
            );
        }
        return Compare(split, held.Training, cases, stream ? held.Cases : null);
    }

    public ComparisonReport Prefixes(string path)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var item = 1; item <= data.Items; item++)
        {
            index[data.ItemIds[item]] = item;
        }
        var cases = PrefixFile.Read(path, id => index.GetValueOrDefault(id), cancel);
        if (cases.All(asked => asked.Target == 0))
        {
            throw new StreamRecException(
                $"None of the {cases.Count} targets of '{path}' is an item of the events, such as "
                    + $"'{data.ItemIds[^1]}': give --events with the same ids.",
                FaultKind.Input
            );
        }
        return Compare(null, data.Sequences, cases, null);
    }

    private ComparisonReport Compare(
        string? split,
        IReadOnlyList<ReadOnlyMemory<int>> training,
        IReadOnlyList<RankingCase> cases,
        IReadOnlyList<RankingCase>? stream
    )
    {
        var part = new TrainingPart(training, data.Times, data.Items, Categories, cancel);
        var eligible = Eligible(training);
        ItemUnion[] unions = [.. models.Select(model => Union(model.Bundle))];
        var evaluator = new Evaluator(
            Statistics(part, unions),
            eligible,
            stream is null ? null : user => training[user].IsEmpty,
            cancel
        );
        ComparedModel[] judged = [.. models.Select(model => Judged(model.Path, model.Bundle, split, cases))];
        for (var at = 0; at < models.Count; at++)
        {
            Ask(judged[at].Name, models[at].Bundle, unions[at], evaluator, eligible, cases);
        }
        RankerKind[] available = [.. Kinds.Where(kind => kind.Missing(part) is null)];
        var choices = Choose(available, part, eligible, out var held);
        for (var at = 0; at < available.Length; at++)
        {
            Ask(available[at], part, choices[at].Choice, choices[at].Taken, evaluator, cases, stream);
        }
        if (_rankers.Count == 0)
        {
            throw new StreamRecException(
                "Nothing is left to compare"
                    + string.Concat(LeftOut(part).Select(one => $"; {one.Name}: {one.Why}"))
                    + ". Name other --kinds, or a bundle by --model.",
                FaultKind.Usage
            );
        }
        var summary = evaluator.Summary(cases);
        return new ComparisonReport
        {
            Rankers = _rankers,
            Reference = models.Count > 0 ? _rankers[0] : _rankers.MaxBy(ranker => ranker.Result.Metrics.Ndcg(10))!,
            Models = judged,
            LeftOut = [.. LeftOut(part)],
            Split = split,
            Cases = summary,
            ChosenBy = held,
            Eligible = eligible,
            Notes =
            [
                .. LeftOut(part)
                    .Where(one => Asked || one.Name != "content")
                    .Select(one => $"{one.Name} is left out: {one.Why}"),
                .. EvaluationNotes.OfCases(summary, eligible),
                .. _notes,
            ],
        };
    }

    private IEnumerable<(string Name, string Why)> LeftOut(TrainingPart part) =>
        from kind in Kinds
        let why = kind.Missing(part)
        where why is not null
        select (kind.Name, why);

    // All that is made for it is gone before the rankers are fitted: a table of EASE takes up to 1.6 GB.
    private (RankerChoice Choice, TimeSpan Taken)[] Choose(
        RankerKind[] kinds,
        TrainingPart part,
        Eligibility eligible,
        out int heldOut
    )
    {
        var (rest, cases) = part.HoldOut(MostValidated);
        heldOut = cases.Count;
        var choices = new (RankerChoice, TimeSpan)[kinds.Length];
        for (var at = 0; at < kinds.Length; at++)
        {
            var started = clock.GetTimestamp();
            var name = kinds[at].Name;
            var choice = RankerChoice.Of(
                kinds[at],
                rest,
                cases,
                eligible,
                (variant, of) => line.Report(_ => $"{name}: choosing its settings, {variant + 1} of {of}")
            );
            choices[at] = (choice, clock.GetElapsedTime(started));
        }
        return choices;
    }

    private void Ask(
        RankerKind kind,
        TrainingPart part,
        RankerChoice choice,
        TimeSpan chosenIn,
        Evaluator evaluator,
        IReadOnlyList<RankingCase> cases,
        IReadOnlyList<RankingCase>? stream
    )
    {
        var variant = kind.Variants(part)[choice.Variant];
        line.Report(_ => $"{kind.Name}: fitting");
        var started = clock.GetTimestamp();
        var ranker = variant.Fit();
        var fitted = clock.GetTimestamp();
        var reporting = Reporting(kind.Name, ranker, cases.Count);
        var result =
            stream is not null && kind.Learns
                ? evaluator.OnStream([], [ranker], stream)[0]
                : evaluator.OnCases([reporting], cases)[0];
        _rankers.Add(
            new ComparedRanker(
                kind.Name,
                variant.Settings,
                choice.Ndcg10,
                result,
                chosenIn + clock.GetElapsedTime(started, fitted),
                clock.GetElapsedTime(fitted)
            )
        );
    }

    private void Ask(
        string name,
        Bundle bundle,
        ItemUnion union,
        Evaluator evaluator,
        Eligibility eligible,
        IReadOnlyList<RankingCase> cases
    )
    {
        using var model = new ModelRanker(bundle, union);
        var network = ServedReranker.Of(bundle)?.Open();
        foreach (var ranker in network is null ? [model] : (ModelRanker[])[model, model.With(network)])
        {
            var own = name + ranker.Name["model".Length..];
            var started = clock.GetTimestamp();
            var fallbacks = 0;
            var reporting = Reporting(own, ranker, cases.Count, () => fallbacks += ranker.Fallbacks);
            var result = evaluator.OnCases([reporting], cases)[0];
            _rankers.Add(new ComparedRanker(own, "", null, result, TimeSpan.Zero, clock.GetElapsedTime(started)));
            _notes.AddRange(EvaluationNotes.OfFallbacks(fallbacks, cases.Count).Select(note => $"{own}: {note}"));
        }
    }

    private ReportingRanker Reporting(string name, ICaseRanker ranker, int cases, Action? after = null) =>
        new(
            ranker,
            done =>
            {
                after?.Invoke();
                line.Report(_ => $"{name}: {done} of {cases} cases");
            }
        );

    private ComparedModel Judged(string path, Bundle bundle, string? split, IReadOnlyList<RankingCase> cases)
    {
        // One model is the model; of several each is called as its directory is.
        var own = DirectoryName(path);
        var name =
            models.Count == 1 ? "model"
            : models.Count(other => DirectoryName(other.Path) == own) > 1 ? path
            : own;
        var leak = split is null ? LeakCheck.Questions : LeakCheck.Of(bundle, data, cases);
        _notes.AddRange(EvaluationNotes.OfModel(bundle.Manifest, leak).Select(note => $"{name}: {note}"));
        return new ComparedModel(name, path, bundle.Manifest, leak);
    }

    private static string DirectoryName(string path) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    private ItemUnion Union(Bundle bundle)
    {
        var union = new ItemUnion(bundle, data.ItemIds);
        return union.Shared > 0
            ? union
            : throw BundleEvaluation.Strangers(bundle, $"the {data.Items} items of the events");
    }

    private Eligibility Eligible(IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        if (models.Count > 0)
        {
            return Eligibility.Of(models[0].Bundle.Manifest, FilterSeen, Kept);
        }
        var plan = TrainingPlan.Of(new ModelOptions(), data.WithPrefixes(training));
        return new Eligibility(
            FilterSeen ?? (SeenRule)plan.FilterSeen,
            Kept > 0 ? Kept : Eligibility.LeastKept(plan.Window)
        );
    }

    // Items of the bundles alone lie behind those of the events.
    private static ItemStatistics Statistics(TrainingPart part, ItemUnion[] unions)
    {
        var counts = new long[unions.Select(union => union.Count).Append(part.Items).Max() + 1];
        for (var item = 1; item <= part.Items; item++)
        {
            counts[item] = part.Counts[item];
        }
        return new ItemStatistics(
            counts,
            _ => default,
            item => unions.Any(union => item <= union.Count && union.ToBundle(item) > 0)
        );
    }
}
