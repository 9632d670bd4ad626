using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamRec.Reranking;

/// <summary>
/// Computes the features of a list's candidates: a column each, of as many places as there may be candidates. One
/// thread at a time; allocates nothing. A pure function of history and candidates.
/// </summary>
public sealed class CandidateFeatures
{
    /// <summary>Places of a column.</summary>
    public const int Stride = RerankingTables.MostCandidates;

    /// <summary>Events of the history whose mean vector is compared.</summary>
    private const int RecentEvents = 5;

    /// <summary>Events of the history whose successors are walked to.</summary>
    private const int WalkEvents = 10;

    private const float WalkDecay = 0.7f;

    private static readonly float[] s_ranks = [.. Enumerable.Range(1, Stride).Select(place => MathF.Log(1 + place))];
    private static readonly float[] s_near = Decays(3);
    private static readonly float[] s_decayed = Decays(10);

    private readonly RerankingTables _tables;
    private readonly float[][] _columns = [.. RerankingFeatures.All.Select(_ => new float[Stride])];

    // By item: 1 + its place among the candidates, 0 for all others.
    private readonly byte[] _slots;
    private readonly int[] _quantities = new int[Stride];
    private readonly float[] _last;
    private readonly float[] _recent;

    public CandidateFeatures(RerankingTables tables)
    {
        (_tables, _slots) = (tables, new byte[tables.Weights.Rows]);
        (_last, _recent) = (new float[tables.Dimension], new float[tables.Dimension]);
    }

    /// <summary>The columns that a network wants, by name, each written by <see cref="Compute"/>.</summary>
    public float[][] Columns(IReadOnlyList<string> names) =>
        [.. names.Select(name => _columns[RerankingFeatures.All.ToList().IndexOf(name)])];

    /// <param name="history">The newest first, all known: see <see cref="RerankingTables.Recent"/>.</param>
    /// <param name="items">The candidates, best first, none twice; at most <see cref="Stride"/>.</param>
    /// <param name="scores">Of the first pass.</param>
    public void Compute(ReadOnlySpan<int> history, ReadOnlySpan<int> items, ReadOnlySpan<float> scores)
    {
        foreach (var column in _columns)
        {
            Array.Clear(column);
        }
        for (var place = 0; place < items.Length; place++)
        {
            _slots[items[place]] = (byte)(place + 1);
        }
        First(items, scores, history.Length);
        Likeness(history, items);
        if (_tables.Weights.IsWhole)
        {
            WholeWeights(history, items);
        }
        else
        {
            SparseWeights(history);
        }
        Transitions(history, items);
        Walk(history);
        SeenBefore(history);
        foreach (var item in items)
        {
            _slots[item] = 0;
        }
    }

    private float[] Column(int feature) => _columns[feature];

    private void First(ReadOnlySpan<int> items, ReadOnlySpan<float> scores, int length)
    {
        float[] score = Column(0),
            rank = Column(1),
            popularity = Column(2);
        Column(18).AsSpan(0, items.Length).Fill(MathF.Log(1 + length));
        s_ranks.AsSpan(0, items.Length).CopyTo(rank);
        for (var place = 0; place < items.Length; place++)
        {
            score[place] = scores[place] - scores[0];
            popularity[place] = _tables.Popularity[items[place]];
        }
    }

    private void Likeness(ReadOnlySpan<int> history, ReadOnlySpan<int> items)
    {
        if (history.Length == 0)
        {
            return;
        }
        var events = Math.Min(RecentEvents, history.Length);
        Array.Clear(_recent);
        for (var age = 0; age < events; age++)
        {
            TensorPrimitives.MultiplyAdd(
                _tables.Vector(history[age]),
                _tables.InverseNorms[history[age]] / events,
                _recent,
                _recent
            );
        }
        TensorPrimitives.Multiply(_tables.Vector(history[0]), _tables.InverseNorms[history[0]], _last);
        float[] last = Column(3),
            recent = Column(4);
        for (var place = 0; place < items.Length; place++)
        {
            var vector = _tables.Vector(items[place]);
            last[place] = TensorPrimitives.Dot(vector, _last) * _tables.InverseNorms[items[place]];
            recent[place] = TensorPrimitives.Dot(vector, _recent) * _tables.InverseNorms[items[place]];
        }
    }

    // Gathered by a plain loop; the sums are of whole vectors.
    private void WholeWeights(ReadOnlySpan<int> history, ReadOnlySpan<int> items)
    {
        var weights = _tables.Weights;
        var near = Vectors(Column(5));
        var decayed = Vectors(Column(6));
        var plain = Vectors(Column(7));
        var quantities = MemoryMarshal.Cast<int, Vector256<int>>(_quantities.AsSpan());
        var vectors = (items.Length + Vector256<float>.Count - 1) / Vector256<float>.Count;
        for (var age = 0; age < history.Length; age++)
        {
            var row = weights.Values.AsSpan(history[age] * weights.Rows, weights.Rows);
            for (var place = 0; place < items.Length; place++)
            {
                _quantities[place] = row[items[place]];
            }
            var scale = weights.Scales[history[age]];
            var (nearScale, decayedScale) = (
                Vector256.Create(scale * s_near[age]),
                Vector256.Create(scale * s_decayed[age])
            );
            var plainScale = Vector256.Create(scale);
            for (var at = 0; at < vectors; at++)
            {
                var weight = Vector256.ConvertToSingle(quantities[at] * Vector256.Abs(quantities[at]));
                near[at] = Vector256.FusedMultiplyAdd(weight, nearScale, near[at]);
                decayed[at] = Vector256.FusedMultiplyAdd(weight, decayedScale, decayed[at]);
                plain[at] = Vector256.FusedMultiplyAdd(weight, plainScale, plain[at]);
            }
        }
        Column(5).AsSpan(items.Length).Clear();
        Column(6).AsSpan(items.Length).Clear();
        Column(7).AsSpan(items.Length).Clear();
    }

    private void SparseWeights(ReadOnlySpan<int> history)
    {
        var weights = _tables.Weights;
        float[] near = Column(5),
            decayed = Column(6),
            plain = Column(7);
        for (var age = 0; age < history.Length; age++)
        {
            var row = weights.Starts[history[age]]..weights.Starts[history[age] + 1];
            var items = weights.Items.AsSpan(row);
            var values = weights.Values.AsSpan(row);
            var scale = weights.Scales[history[age]];
            for (var at = 0; at < items.Length; at++)
            {
                if (_slots[items[at]] is > 0 and var slot)
                {
                    var weight = scale * (values[at] * Math.Abs((int)values[at]));
                    near[slot - 1] += weight * s_near[age];
                    decayed[slot - 1] += weight * s_decayed[age];
                    plain[slot - 1] += weight;
                }
            }
        }
    }

    private void Transitions(ReadOnlySpan<int> history, ReadOnlySpan<int> items)
    {
        var transitions = _tables.Transitions;
        for (var lag = 0; lag < Math.Min(ItemTransitions.Lags, history.Length); lag++)
        {
            var from = history[lag];
            float[] counts = Column(8 + lag),
                lifts = Column(11 + lag);
            var row = transitions.Starts[from]..transitions.Starts[from + 1];
            var behind = transitions.Behind[lag].AsSpan(row);
            var others = transitions.Items.AsSpan(row);
            var expected = transitions.Events / Math.Max(1f, transitions.Counts[from]);
            for (var at = 0; at < others.Length; at++)
            {
                if (_slots[others[at]] is > 0 and var slot)
                {
                    counts[slot - 1] = behind[at];
                    lifts[slot - 1] = behind[at] * expected / Math.Max(1, transitions.Counts[others[at]]);
                }
            }
            TensorPrimitives.LogP1(counts, counts);
            TensorPrimitives.LogP1(lifts, lifts);
        }
    }

    private void Walk(ReadOnlySpan<int> history)
    {
        var transitions = _tables.Transitions;
        float[] walk = Column(14),
            share = Column(15);
        var decay = 1f;
        for (var age = 0; age < Math.Min(WalkEvents, history.Length); age++, decay *= WalkDecay)
        {
            var from = history[age];
            var row = transitions.Starts[from]..transitions.Starts[from + 1];
            var sums = transitions.Sums.AsSpan(row);
            var others = transitions.Items.AsSpan(row);
            var inverse = 1 / Math.Max(1f, transitions.Counts[from]);
            for (var at = 0; at < others.Length; at++)
            {
                if (_slots[others[at]] is > 0 and var slot)
                {
                    walk[slot - 1] += decay * sums[at];
                    share[slot - 1] += decay * sums[at] * inverse;
                }
            }
        }
        TensorPrimitives.LogP1(walk, walk);
    }

    private void SeenBefore(ReadOnlySpan<int> history)
    {
        for (var age = 0; age < history.Length; age++)
        {
            if (_slots[history[age]] is > 0 and var slot)
            {
                Column(16)[slot - 1] += s_decayed[age];
                Column(17)[slot - 1] = age == 0 ? 1 : Column(17)[slot - 1];
            }
        }
    }

    private static Span<Vector256<float>> Vectors(float[] column) =>
        MemoryMarshal.Cast<float, Vector256<float>>(column.AsSpan());

    private static float[] Decays(float life) =>
        [.. Enumerable.Range(0, RerankingTables.MostHistory).Select(age => MathF.Exp(-age / life))];
}
