using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using StreamRec.Numerics.Memory;

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

    /// <summary>Events whose rows are on their way while one is worked.</summary>
    private const int Ahead = 2;

    private const int VectorsAhead = 6;

    private const float WalkDecay = 0.7f;

    private static readonly float[] s_ranks = [.. Enumerable.Range(1, Stride).Select(place => MathF.Log(1 + place))];
    private static readonly float[] s_near = Decays(3);
    private static readonly float[] s_decayed = Decays(10);

    private readonly RerankingTables _tables;
    private readonly float[][] _columns = [.. RerankingFeatures.All.Select(_ => new float[Stride])];

    // By item: 1 + its place among the candidates, 0 for all others.
    private readonly byte[] _slots;
    private readonly int[] _quantities = new int[Stride];
    private (int At, int Place)[] _found = [];
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
        // What is read first comes while the rest is worked.
        for (var age = 0; age < Math.Min(Ahead, history.Length); age++)
        {
            _tables.Prefetch(history[age]);
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
        Transitions(history, items.Length);
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
            if (place + VectorsAhead < items.Length)
            {
                CpuPrefetch.OfSpan(_tables.Vector(items[place + VectorsAhead]));
            }
            var (withLast, withRecent) = Products(_tables.Vector(items[place]), _last, _recent);
            last[place] = withLast * _tables.InverseNorms[items[place]];
            recent[place] = withRecent * _tables.InverseNorms[items[place]];
        }
    }

    // With two vectors at once, which share the loads of the first one.
    private static (float First, float Second) Products(ReadOnlySpan<float> vector, float[] first, float[] second)
    {
        var v = MemoryMarshal.Cast<float, Vector256<float>>(vector);
        var x = Vectors(first)[..v.Length];
        var y = Vectors(second)[..v.Length];
        Vector256<float> a = default,
            b = default,
            c = default,
            d = default;
        var at = 0;
        for (; at + 1 < v.Length; at += 2)
        {
            a = Vector256.FusedMultiplyAdd(v[at], x[at], a);
            b = Vector256.FusedMultiplyAdd(v[at], y[at], b);
            c = Vector256.FusedMultiplyAdd(v[at + 1], x[at + 1], c);
            d = Vector256.FusedMultiplyAdd(v[at + 1], y[at + 1], d);
        }
        if (at < v.Length)
        {
            a = Vector256.FusedMultiplyAdd(v[at], x[at], a);
            b = Vector256.FusedMultiplyAdd(v[at], y[at], b);
        }
        var (withFirst, withSecond) = (Vector256.Sum(a + c), Vector256.Sum(b + d));
        for (at = v.Length * Vector256<float>.Count; at < vector.Length; at++)
        {
            withFirst += vector[at] * first[at];
            withSecond += vector[at] * second[at];
        }
        return (withFirst, withSecond);
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
            PrefetchAhead(history, age);
            var row = weights.Values.AsSpan(history[age] * weights.Rows, weights.Rows);
            Gather(row, items, quantities);
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

    // Candidates are items of the model, and not checked one by one.
    private static void Gather(ReadOnlySpan<sbyte> row, ReadOnlySpan<int> items, Span<Vector256<int>> quantities)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var item = ref MemoryMarshal.GetReference(items);
        ref var to = ref Unsafe.As<Vector256<int>, int>(ref MemoryMarshal.GetReference(quantities));
        for (nint place = 0; place < items.Length; place++)
        {
            Unsafe.Add(ref to, place) = Unsafe.Add(ref from, Unsafe.Add(ref item, place));
        }
    }

    private void SparseWeights(ReadOnlySpan<int> history)
    {
        var weights = _tables.Weights;
        float[] near = Column(5),
            decayed = Column(6),
            plain = Column(7);
        for (var age = 0; age < history.Length; age++)
        {
            PrefetchAhead(history, age);
            var row = weights.Starts[history[age]]..weights.Starts[history[age] + 1];
            var values = weights.Values.AsSpan(row);
            var scale = weights.Scales[history[age]];
            foreach (var (at, place) in Candidates(weights.Items.AsSpan(row)))
            {
                var weight = scale * (values[at] * Math.Abs((int)values[at]));
                near[place] += weight * s_near[age];
                decayed[place] += weight * s_decayed[age];
                plain[place] += weight;
            }
        }
    }

    // What followed the last events, each lag by itself, and all lags of the last ten.
    private void Transitions(ReadOnlySpan<int> history, int count)
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
            var items = transitions.Items.AsSpan(row);
            var inverse = 1 / Math.Max(1f, transitions.Counts[from]);
            var found = Candidates(items);
            foreach (var (at, place) in found)
            {
                walk[place] += decay * sums[at];
                share[place] += decay * sums[at] * inverse;
            }
            if (age >= ItemTransitions.Lags)
            {
                continue;
            }
            float[] counts = Column(8 + age),
                lifts = Column(11 + age);
            var behind = transitions.Behind[age].AsSpan(row);
            var expected = transitions.Events / Math.Max(1f, transitions.Counts[from]);
            foreach (var (at, place) in found)
            {
                counts[place] = behind[at];
                lifts[place] = behind[at] * expected / Math.Max(1, transitions.Counts[items[at]]);
            }
            Logarithms(counts, count);
            Logarithms(lifts, count);
        }
        Logarithms(walk, count);
    }

    // Rows lie far apart, and more of them than the caches hold.
    private void PrefetchAhead(ReadOnlySpan<int> history, int age)
    {
        if (age + Ahead < history.Length)
        {
            _tables.Weights.Prefetch(history[age + Ahead]);
        }
    }

    private static void Logarithms(float[] column, int count) =>
        TensorPrimitives.LogP1(column.AsSpan(0, count), column);

    // The candidates among a row's items, and where they stand in it. Without a branch that depends on an item: most
    // are none, and which are cannot be foreseen.
    private ReadOnlySpan<(int At, int Place)> Candidates(ReadOnlySpan<int> items)
    {
        if (_found.Length < items.Length)
        {
            _found = new (int, int)[items.Length];
        }
        ref var slots = ref MemoryMarshal.GetArrayDataReference(_slots);
        ref var found = ref MemoryMarshal.GetArrayDataReference(_found);
        var count = 0;
        for (var at = 0; at < items.Length; at++)
        {
            // A table's items were checked when it was read.
            int slot = Unsafe.Add(ref slots, items[at]);
            Unsafe.Add(ref found, count) = (at, slot - 1);
            count += (int)((uint)-slot >> 31);
        }
        return _found.AsSpan(0, count);
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
