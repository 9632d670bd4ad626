using StreamRec.Evaluation;

namespace StreamRec.Training.Towers;

/// <summary>
/// Known items as if they were new: each gets the vector that it would have if its fold had never been trained on.
/// </summary>
internal sealed class CrossFit
{
    public const int Folds = 5;

    private readonly TowerInput _input;
    private readonly int[][] _fold;
    private readonly int[][] _rest;
    private readonly int[] _foldOf;
    private readonly float[] _targets;
    private readonly CancellationToken _cancel;

    public CrossFit(TowerInput input, CancellationToken cancel)
    {
        (_input, _cancel) = (input, cancel);
        Wide = input.Dimension + 1;
        Items =
        [
            .. Enumerable.Range(1, input.Items).Where(item => input.Facts[item] is not null && input.Counts[item] > 0),
        ];
        int[] order = [.. Items];
        new Random(input.Seed).Shuffle(order);
        Group = new int[input.Items + 1];
        Array.Fill(Group, -1);
        for (var at = 0; at < order.Length; at++)
        {
            Group[order[at]] = at % (2 * Folds);
        }
        _foldOf = Array.ConvertAll(Group, group => group < 0 ? -1 : group / 2);
        _fold = [.. Enumerable.Range(0, Folds).Select(fold => Items.Where(item => _foldOf[item] == fold).ToArray())];
        _rest = [.. Enumerable.Range(0, Folds).Select(fold => Items.Where(item => _foldOf[item] != fold).ToArray())];
        _targets = new float[(input.Items + 1) * Wide];
        for (var item = 1; item <= input.Items; item++)
        {
            input.Vectors.AsSpan(item * input.Dimension, input.Dimension).CopyTo(_targets.AsSpan(item * Wide));
            _targets[(item * Wide) + input.Dimension] = input.Biases[item];
        }
        Users = UserVectors.Behind(input, [.. input.Cases.Select(asked => asked.History)], cancel);
    }

    /// <summary>D + 1.</summary>
    public int Wide { get; }

    /// <summary>Those of which something is known.</summary>
    public int[] Items { get; }

    /// <summary>N+1: the tenth that an item is of, two of them being a fold; −1: of none.</summary>
    public int[] Group { get; }

    /// <summary>[C,D+1]: what users are before each case.</summary>
    public float[] Users { get; }

    /// <summary>Rows that come near the trained vectors: of all folds but one each, then of all items.</summary>
    /// <param name="power">An item weighs as its count to this power.</param>
    public float[][] Ridge(TowerDesign design, float penalty, float power, float[][]? start = null, bool all = false)
    {
        float[] weights = [.. _input.Counts.Select(count => MathF.Pow(count, power))];
        var mean = Items.Select(item => weights[item]).DefaultIfEmpty(1).Average();
        weights = Array.ConvertAll(weights, weight => weight / mean);
        var rows = new float[all ? Folds + 1 : Folds][];
        ForFolds(
            rows.Length,
            fold =>
                rows[fold] = TowerRidge.Solve(
                    design,
                    fold < Folds ? _rest[fold] : Items,
                    weights,
                    _targets,
                    Wide,
                    penalty,
                    start?[fold],
                    _cancel
                )
        );
        return rows;
    }

    /// <summary>[N+1,D+1]: each item's vector and bias by the rows that do not know it.</summary>
    public float[] Vectors(TowerDesign design, IReadOnlyList<float[]> rows)
    {
        var vectors = new float[(_input.Items + 1) * Wide];
        foreach (var item in Items)
        {
            design.Sum(item, rows[_foldOf[item]], vectors.AsSpan(item * Wide, Wide));
        }
        return vectors;
    }

    /// <summary>Ranks of the cases' targets among the items of their fold that the user has not had.</summary>
    /// <param name="heldOut">Whether by events alone that were not trained on.</param>
    public RankingMetrics Judge(float[] vectors, bool heldOut = false)
    {
        var ranks = new int[_input.Cases.Count];
        ForFolds(
            Folds,
            fold =>
            {
                int[] asked = [.. Asked(fold)];
                float[] own = [.. _fold[fold].SelectMany(item => vectors.AsSpan(item * Wide, Wide).ToArray())];
                NewItems.Score(
                    Users,
                    asked,
                    own,
                    Wide,
                    (at, scores) => ranks[asked[at]] = RankOf(fold, asked[at], scores.Span),
                    _cancel
                );
            }
        );
        return Metrics(ranks, heldOut);
    }

    /// <summary>The same by what items are like the last ones.</summary>
    public RankingMetrics Judge(ContentCosine content)
    {
        var ranks = new int[_input.Cases.Count];
        ForFolds(
            Folds,
            fold =>
            {
                var scores = new float[_fold[fold].Length];
                foreach (var at in Asked(fold))
                {
                    var profile = content.ProfileOf(_input.Cases[at].History.Span);
                    for (var place = 0; place < scores.Length; place++)
                    {
                        scores[place] = content.ScoreOf(_fold[fold][place], profile);
                    }
                    ranks[at] = RankOf(fold, at, scores);
                }
            }
        );
        return Metrics(ranks, heldOut: true);
    }

    private int RankOf(int fold, int asked, Span<float> scores)
    {
        var one = _input.Cases[asked];
        foreach (var item in one.History.Span)
        {
            if (_foldOf[item] == fold && item != one.Target)
            {
                scores[Array.BinarySearch(_fold[fold], item)] = float.NegativeInfinity;
            }
        }
        return NewItems.RankOf(scores, Array.BinarySearch(_fold[fold], one.Target));
    }

    private IEnumerable<int> Asked(int fold) =>
        Enumerable.Range(0, _input.Cases.Count).Where(at => _foldOf[_input.Cases[at].Target] == fold);

    private RankingMetrics Metrics(int[] ranks, bool heldOut)
    {
        var metrics = new RankingMetrics();
        for (var at = 0; at < ranks.Length; at++)
        {
            if (ranks[at] > 0 && (!heldOut || _input.HeldOut.Contains(_input.Cases[at].User)))
            {
                metrics.Add(ranks[at]);
            }
        }
        return metrics;
    }

    private void ForFolds(int folds, Action<int> act) =>
        Parallel.For(0, folds, new ParallelOptions { CancellationToken = _cancel }, act);
}
