using System.Numerics.Tensors;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Towers;

/// <summary>
/// Goes on from rows W: what users took next becomes as likely as can be among items that are known by their features
/// alone, by Adam on the loss of a softmax over x_i·W.
/// </summary>
internal sealed class TowerSoftmax
{
    private const int Batch = 512;
    private const int MostItems = 6_000;
    private const float First = 0.9f,
        Second = 0.999f,
        Small = 1e-8f;

    private readonly TowerDesign _design;
    private readonly int _wide;
    private readonly int[] _items;
    private readonly int[] _of;
    private readonly TowerPositions _positions;
    private readonly int[] _asked;
    private readonly float[] _gradient,
        _mean,
        _square;
    private readonly Matrix _users = new(),
        _vectors = new(),
        _scores = new(),
        _slopes = new();
    private readonly PackedMatrix _packedVectors = new(),
        _packedUsers = new();
    private readonly Random _random;
    private int _step;

    /// <param name="rows">Where to begin; changed.</param>
    /// <param name="items">Those that may be learnt from.</param>
    public TowerSoftmax(
        TowerDesign design,
        float[] rows,
        int wide,
        IReadOnlyList<int> items,
        int allItems,
        TowerPositions positions,
        int seed
    )
    {
        (_design, Rows, _wide, _positions, _random) = (design, rows, wide, positions, new Random(seed));
        int[] order = [.. items];
        _random.Shuffle(order);
        _items = order[..Math.Min(order.Length, MostItems)];
        _of = new int[allItems + 1];
        Array.Fill(_of, -1);
        for (var at = 0; at < _items.Length; at++)
        {
            _of[_items[at]] = at;
        }
        _asked = [.. Enumerable.Range(0, positions.Targets.Length).Where(at => _of[positions.Targets[at]] >= 0)];
        (_gradient, _mean, _square) = (new float[rows.Length], new float[rows.Length], new float[rows.Length]);
    }

    public float[] Rows { get; }

    /// <summary>One pass over the positions.</summary>
    /// <param name="rate">The step, about.</param>
    /// <param name="decay">How much of a row a step of 1 takes away, times the column's penalty.</param>
    public void Pass(float rate, float decay, CancellationToken cancel)
    {
        _random.Shuffle(_asked);
        for (var from = 0; from < _asked.Length; from += Batch)
        {
            cancel.ThrowIfCancellationRequested();
            Learn(_asked.AsSpan(from, Math.Min(Batch, _asked.Length - from)), rate, decay);
        }
    }

    private void Learn(ReadOnlySpan<int> asked, float rate, float decay)
    {
        _users.Resize(asked.Length, _wide);
        for (var at = 0; at < asked.Length; at++)
        {
            _positions.Users.AsSpan(asked[at] * _wide, _wide).CopyTo(_users.RowSpan(at));
        }
        _vectors.Resize(_items.Length, _wide);
        for (var at = 0; at < _items.Length; at++)
        {
            _design.Sum(_items[at], Rows, _vectors.RowSpan(at));
        }
        Gemm.Multiply(
            _users,
            _packedVectors.Pack(_vectors, transpose: true),
            _scores.Resize(asked.Length, _items.Length)
        );
        for (var at = 0; at < asked.Length; at++)
        {
            var row = _scores.RowSpan(at);
            // Else a large score would be an infinite one.
            TensorPrimitives.Subtract(row, TensorPrimitives.Max<float>(row), row);
            TensorPrimitives.SoftMax(row, row);
            row[_of[_positions.Targets[asked[at]]]] -= 1;
        }
        _slopes.Resize(_items.Length, _wide).Clear();
        Gemm.AddTransposed(_scores, _packedUsers.Pack(_users), _slopes);
        Array.Clear(_gradient);
        for (var at = 0; at < _items.Length; at++)
        {
            _design.Scatter(_items[at], _slopes.RowSpan(at), _gradient);
        }
        TensorPrimitives.Multiply(_gradient, 1f / asked.Length, _gradient);
        Step(rate, decay);
    }

    private void Step(float rate, float decay)
    {
        _step++;
        var (first, second) = (1 - MathF.Pow(First, _step), 1 - MathF.Pow(Second, _step));
        for (var column = 0; column < _design.Columns; column++)
        {
            var keep = 1 - (rate * decay * _design.Penalties[column]);
            for (var at = column * _wide; at < (column + 1) * _wide; at++)
            {
                var slope = _gradient[at];
                _mean[at] = (First * _mean[at]) + ((1 - First) * slope);
                _square[at] = (Second * _square[at]) + ((1 - Second) * slope * slope);
                Rows[at] =
                    (keep * Rows[at]) - (rate * (_mean[at] / first) / (MathF.Sqrt(_square[at] / second) + Small));
            }
        }
    }
}
