using StreamRec.Bundles;
using StreamRec.Training.Data;
using StreamRec.Training.Evaluation;

namespace StreamRec.Evaluation;

/// <summary>Judges a bundle, through the serving path, beside baselines that get the same training data and questions.</summary>
internal static class BundleEvaluation
{
    /// <summary>Every user's last event, from all before it. Baselines are trained on the rest.</summary>
    public static IReadOnlyList<RankerEvaluation> LeaveOneOut(Bundle bundle, SequenceData data, bool filterSeen) =>
        OnCases(bundle, data, Splits.LeaveOneOut(data.Sequences), filterSeen);

    /// <summary>Every prefix of the newest tenth of the sequences and its next item. Baselines are trained on the older ones.</summary>
    public static IReadOnlyList<RankerEvaluation> BySession(Bundle bundle, SequenceData data, bool filterSeen) =>
        OnCases(bundle, data, Splits.BySession(data.Sequences, data.Times), filterSeen);

    private static IReadOnlyList<RankerEvaluation> OnCases(Bundle bundle, SequenceData data, Split split, bool filterSeen)
    {
        using var own = new Questions(bundle, data, split);
        return new Evaluator(own.Catalogue, filterSeen).OnCases([own.Model, .. Learning(split.Training), .. Fixed(split.Training, data.Items)], split.Cases);
    }

    /// <summary>The newest fifth of all events as a stream: each is asked, then popularity and Markov learn from it.</summary>
    public static IReadOnlyList<RankerEvaluation> ByTime(Bundle bundle, SequenceData data, bool filterSeen)
    {
        Split split = Splits.ByTime(data.Sequences, data.Times);
        using var own = new Questions(bundle, data, split);
        return new Evaluator(own.Catalogue, filterSeen).OnStream(
            [own.Model, .. Fixed(split.Training, data.Items)], Learning(split.Training), split.Cases);
    }

    /// <summary>Questions from a file; baselines that need sequences are there if training data is.</summary>
    public static IReadOnlyList<RankerEvaluation> Prefixes(Bundle bundle, IReadOnlyList<RankingCase> cases, SequenceData? training, bool filterSeen)
    {
        int d = bundle.Manifest.Dimension;
        var catalogue = new ItemCatalogue(bundle.Counts, item => item == 0 ? default : bundle.Vectors.AsMemory(item * d, d));
        using var model = new ModelRanker(bundle, null);
        var rankers = new List<ICaseRanker> { model };
        if (training is null)
        {
            rankers.Add(new StreamCaseRanker("popularity", PopularityRanker.FromCounts(bundle.Counts)));
        }
        else
        {
            int[] indices = [.. training.ItemIds.Select(bundle.IndexOf)];
            ReadOnlyMemory<int>[] sequences = [.. training.Sequences.Select(sequence =>
                new ReadOnlyMemory<int>([.. sequence.ToArray().Select(item => indices[item]).Where(item => item > 0)]))];
            rankers.AddRange(Learning(sequences));
            rankers.AddRange(Fixed(sequences, bundle.Manifest.Items));
        }

        return new Evaluator(catalogue, filterSeen).OnCases(rankers, cases);
    }

    private static ICaseRanker[] Learning(IReadOnlyList<ReadOnlyMemory<int>> training)
    {
        ICaseRanker[] rankers =
            [new StreamCaseRanker("popularity", new PopularityRanker()), new StreamCaseRanker("markov", new MarkovRanker())];
        for (int user = 0; user < training.Count; user++)
        {
            int previous = 0;
            foreach (int item in training[user].Span)
            {
                Array.ForEach(rankers, ranker => ranker.Observe(user, previous, item));
                previous = item;
            }
        }

        return rankers;
    }

    private static ICaseRanker[] Fixed(IReadOnlyList<ReadOnlyMemory<int>> training, int items) =>
        [new ItemToItemRanker(training, items), new MatrixFactorizationRanker(training, items)];

    /// <summary>What the model needs to answer in the data's indices.</summary>
    private sealed class Questions : IDisposable
    {
        public Questions(Bundle bundle, SequenceData data, Split split)
        {
            if (split.Cases.Count == 0)
            {
                throw new StreamRecException(
                    $"{data.Events} events of {data.UserIds.Count} users give no case to judge; give more data, or another split.", ExitCode.BadInput);
            }

            int d = bundle.Manifest.Dimension;
            int[] indices = [.. data.ItemIds.Select(bundle.IndexOf)];
            Model = new ModelRanker(bundle, indices);
            Catalogue = new ItemCatalogue(
                SequenceData.Counts(split.Training, data.Items),
                item => indices[item] == 0 ? default : bundle.Vectors.AsMemory(indices[item] * d, d));
        }

        public ModelRanker Model { get; }

        public ItemCatalogue Catalogue { get; }

        public void Dispose() => Model.Dispose();
    }
}
