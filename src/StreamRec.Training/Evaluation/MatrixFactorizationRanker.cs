using System.Numerics.Tensors;
using StreamRec.Evaluation;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking;

namespace StreamRec.Training.Evaluation;

/// <summary>
/// Matrix factorisation of who clicked what, by alternating least squares over Σ_seen (1 − x_u·y_i)² + α·Σ_all
/// (x_u·y_i)² + λ(…), the penalty growing with each row's weight: the iALS of Rendle et al. (2022), α and λ fixed. A
/// case's user is folded in from its history, each item once. Fixed after construction; an item that nobody clicked is
/// in no list.
/// </summary>
public sealed class MatrixFactorizationRanker : ICaseRanker
{
    private const double Unseen = 0.1,
        Penalty = 0.003,
        Least = 1e-5;
    private const int Rounds = 8,
        ManyUsers = 20_000,
        Chunk = 4096;
    private readonly int _dimension,
        _items;
    private readonly float[] _itemVectors;
    private readonly DenseRanking _ranking;
    private readonly TopN _topN;
    private readonly EligiblePositions _known;
    private readonly double[] _gram;
    private readonly double _memory = double.PositiveInfinity;

    /// <param name="sequences">Items in 1..N of each user.</param>
    /// <param name="items">N.</param>
    public MatrixFactorizationRanker(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        int items,
        int seed = 1,
        CancellationToken cancel = default
    )
    {
        (_dimension, _items) = (sequences.Count < ManyUsers ? 64 : 32, items);
        int[][] ofUser = [.. sequences.Select(sequence => new HashSet<int>(sequence.ToArray()).ToArray())];
        var ofItem = Invert(ofUser, items);
        var random = new Random(seed);
        _itemVectors = new float[(items + 1) * _dimension];
        for (var i = _dimension; i < _itemVectors.Length; i++)
        {
            _itemVectors[i] = (random.NextSingle() - 0.5f) / _dimension;
        }
        var userVectors = new float[ofUser.Length * _dimension];
        for (var round = 0; round < Rounds; round++)
        {
            Solve(ofUser, _itemVectors, Gram(_itemVectors), items, userVectors, cancel);
            Solve(ofItem, userVectors, Gram(userVectors), ofUser.Length, _itemVectors, cancel);
        }
        _gram = Gram(_itemVectors);
        int[] unknown = [.. Enumerable.Range(1, items).Where(item => ofItem[item].Length == 0)];
        var biases = new float[items + 1];
        Array.ForEach(unknown, item => biases[item] = float.NegativeInfinity);
        _ranking = new DenseRanking(_itemVectors, _dimension, biases);
        ItemIndex index = ItemIndex.Build(_itemVectors, _dimension);
        (_topN, _known) = (new TopN(index), new EligiblePositions(index, unknown));
    }

    private MatrixFactorizationRanker(MatrixFactorizationRanker factors, string name, double memory)
    {
        (_dimension, _items, _itemVectors, _gram) = (
            factors._dimension,
            factors._items,
            factors._itemVectors,
            factors._gram
        );
        (_ranking, _topN, _known) = (factors._ranking, factors._topN, factors._known);
        (Name, _memory) = (name, memory);
    }

    public string Name { get; } = "matrix-factorization";

    /// <summary>The same factors; a case's user is folded in from events that weigh e^(−age/memory).</summary>
    /// <param name="memory">In events.</param>
    public MatrixFactorizationRanker Remembering(string name, double memory) => new(this, name, memory);

    public void Rank(
        IReadOnlyList<RankingCase> cases,
        Eligibility eligible,
        Span<int> ranks,
        CancellationToken cancel = default
    )
    {
        for (var from = 0; from < cases.Count; from += Chunk)
        {
            RankingCase[] asked = [.. cases.Skip(from).Take(Chunk)];
            var users = new float[asked.Length * _dimension];
            Fold(asked, users, cancel);
            var result = new int[asked.Length];
            _ranking.Rank(
                users,
                [.. asked.Select(one => one.Target)],
                [.. asked.Select(one => eligible.ExcludedOnce(one.History.Span).ToArray())],
                result
            );
            result.CopyTo(ranks[from..]);
        }
    }

    public int List(in RankingCase asked, Eligibility eligible, Span<int> top)
    {
        var user = new float[_dimension];
        Fold([asked], user, CancellationToken.None);
        return _topN.Search(user, eligible.Excluded(asked.History.Span), top, new float[top.Length], _known);
    }

    public void Observe(int user, int previous, int item) { }

    private void Fold(RankingCase[] asked, float[] users, CancellationToken cancel)
    {
        var (rows, weights) = (new int[asked.Length][], new double[asked.Length][]);
        for (var at = 0; at < asked.Length; at++)
        {
            var history = asked[at].History.ToArray();
            Array.Reverse(history);
            var newest = new Dictionary<int, double>(history.Length);
            for (var age = 0; age < history.Length && Math.Exp(-age / _memory) is > Least and var weight; age++)
            {
                if (history[age] > 0)
                {
                    newest.TryAdd(history[age], weight);
                }
            }
            (rows[at], weights[at]) = ([.. newest.Keys], [.. newest.Values]);
        }
        Solve(rows, _itemVectors, _gram, _items, users, cancel, weights);
    }

    private static int[][] Invert(int[][] ofUser, int items)
    {
        var lists = new List<int>[items + 1];
        for (var item = 0; item <= items; item++)
        {
            lists[item] = [];
        }
        for (var user = 0; user < ofUser.Length; user++)
        {
            foreach (var item in ofUser[user])
            {
                lists[item].Add(user);
            }
        }
        return [.. lists.Select(list => list.ToArray())];
    }

    /// <summary>α·Σ y·yᵀ, [D,D].</summary>
    private double[] Gram(float[] vectors)
    {
        var d = _dimension;
        var gram = new double[d * d];
        var gate = new Lock();
        Parallel.For(
            0,
            Environment.ProcessorCount,
            part =>
            {
                var own = new double[d * d];
                var rows = vectors.Length / d;
                for (var row = part; row < rows; row += Environment.ProcessorCount)
                {
                    AddOuter(own, vectors.AsSpan(row * d, d), Unseen);
                }
                lock (gate)
                {
                    TensorPrimitives.Add(gram, own, gram);
                }
            }
        );
        return gram;
    }

    /// <summary>Each row's best vector, the other side being fixed; a row without entries is zero.</summary>
    private void Solve(
        int[][] rows,
        float[] others,
        double[] gram,
        int count,
        float[] result,
        CancellationToken cancel,
        double[][]? weights = null
    ) =>
        Parallel.For(
            0,
            rows.Length,
            new ParallelOptions { CancellationToken = cancel },
            () => (A: new double[_dimension * _dimension], B: new double[_dimension]),
            (row, _, own) =>
            {
                var target = result.AsSpan(row * _dimension, _dimension);
                target.Clear();
                if (rows[row].Length > 0)
                {
                    gram.CopyTo(own.A, 0);
                    Array.Clear(own.B);
                    var sum = 0.0;
                    for (var at = 0; at < rows[row].Length; at++)
                    {
                        ReadOnlySpan<float> vector = others.AsSpan(rows[row][at] * _dimension, _dimension);
                        var weight = weights?[row][at] ?? 1;
                        AddOuter(own.A, vector, weight);
                        for (var k = 0; k < _dimension; k++)
                        {
                            own.B[k] += weight * vector[k];
                        }
                        sum += weight;
                    }
                    var penalty = Penalty * (sum + (Unseen * count));
                    for (var k = 0; k < _dimension; k++)
                    {
                        own.A[(k * _dimension) + k] += penalty;
                    }
                    SolveInPlace(own.A, own.B);
                    for (var k = 0; k < _dimension; k++)
                    {
                        target[k] = (float)own.B[k];
                    }
                }
                return own;
            },
            _ => { }
        );

    /// <summary>The lower triangle of a += weight·v·vᵀ.</summary>
    private static void AddOuter(double[] a, ReadOnlySpan<float> v, double weight)
    {
        Span<double> wide = stackalloc double[v.Length];
        TensorPrimitives.ConvertTruncating(v, wide);
        for (var row = 0; row < v.Length; row++)
        {
            var sums = a.AsSpan(row * v.Length, row + 1);
            TensorPrimitives.MultiplyAdd(wide[..(row + 1)], weight * wide[row], sums, sums);
        }
    }

    /// <summary>Solves A·x = b by Cholesky; A's lower triangle becomes the factor, b the solution.</summary>
    private static void SolveInPlace(double[] a, double[] b)
    {
        var d = b.Length;
        for (var column = 0; column < d; column++)
        {
            ReadOnlySpan<double> top = a.AsSpan(column * d, column);
            var pivot = Math.Sqrt(a[(column * d) + column] - TensorPrimitives.Dot(top, top));
            a[(column * d) + column] = pivot;
            for (var row = column + 1; row < d; row++)
            {
                a[(row * d) + column] =
                    (a[(row * d) + column] - TensorPrimitives.Dot(a.AsSpan(row * d, column), top)) / pivot;
            }
        }
        for (var row = 0; row < d; row++)
        {
            b[row] =
                (b[row] - TensorPrimitives.Dot<double>(a.AsSpan(row * d, row), b.AsSpan(0, row))) / a[(row * d) + row];
        }
        for (var row = d - 1; row >= 0; row--)
        {
            for (var after = row + 1; after < d; after++)
            {
                b[row] -= a[(after * d) + row] * b[after];
            }
            b[row] /= a[(row * d) + row];
        }
    }
}
