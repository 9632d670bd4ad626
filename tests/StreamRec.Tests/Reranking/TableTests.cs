using StreamRec.Numerics.Matrices;
using StreamRec.Reranking;
using StreamRec.Training.Reranking;

namespace StreamRec.Tests.Reranking;

/// <summary>Tables say what their definitions say, and a file that is no table is refused.</summary>
public class TableTests
{
    private const int Items = 30;

    private static readonly ReadOnlyMemory<int>[] s_sequences = Sequences(seed: 3);

    [Fact]
    public void An_inverse_over_several_blocks_gives_the_identity()
    {
        const int n = 300;
        var random = new Random(1);
        var a = new Matrix(n, n);
        for (var row = 0; row < n; row++)
        {
            for (var at = 0; at <= row; at++)
            {
                a.RowSpan(row)[at] = a.RowSpan(at)[row] = random.NextSingle() + (at == row ? n : 0);
            }
        }
        var inverse = new Matrix();
        inverse.CopyFrom(a);

        SymmetricInverse.Invert(inverse);

        for (var row = 0; row < n; row++)
        {
            for (var at = 0; at < n; at++)
            {
                double sum = 0;
                for (var k = 0; k < n; k++)
                {
                    sum += (double)a.RowSpan(row)[k] * inverse.RowSpan(k)[at];
                }
                Assert.Equal(row == at ? 1 : 0, sum, 1e-3);
            }
        }
    }

    /// <summary>Each column of EASE is the ridge regression of its item on the others.</summary>
    [Fact]
    public void Weights_are_those_of_a_regression_on_the_other_items()
    {
        var weights = WeightTable.Ease(new EventPlaces(s_sequences, Items), default);

        var users = s_sequences.Select(sequence => sequence.ToArray().ToHashSet()).ToArray();
        var ridge = Math.Max(50, 3.5 * s_sequences.Sum(sequence => sequence.Length) / Items);
        for (var target = 1; target <= Items; target++)
        {
            Assert.Equal(0, weights.RowSpan(target - 1)[target - 1]);
            for (var item = 1; item <= Items; item++)
            {
                // The gradient of the squared error, which is 0 at its least.
                var gradient = ridge * weights.RowSpan(item - 1)[target - 1];
                foreach (var user in users.Where(user => user.Contains(item)))
                {
                    gradient += user.Sum(other => (double)weights.RowSpan(other - 1)[target - 1]);
                    gradient -= user.Contains(target) ? 1 : 0;
                }
                Assert.True(item == target || Math.Abs(gradient) < 1e-3, $"{gradient} at {item}, {target}");
            }
        }
    }

    [Fact]
    public void Transitions_are_counted_within_sequences_alone()
    {
        var places = new EventPlaces(s_sequences, Items);
        Assert.True(ItemTransitions.TryRead(TransitionTable.Write(places), Items + 1, out var table));

        for (var from = 1; from <= Items; from++)
        {
            for (var to = 1; to <= Items; to++)
            {
                var at = Array.IndexOf(
                    table.Items,
                    to,
                    table.Starts[from],
                    table.Starts[from + 1] - table.Starts[from]
                );
                for (var lag = 1; lag <= ItemTransitions.Lags; lag++)
                {
                    var counted = at < 0 ? 0 : table.Behind[lag - 1][at];
                    Assert.Equal(s_sequences.Sum(sequence => Pairs(sequence.Span, from, to, lag)), counted);
                }
                var sum = Enumerable
                    .Range(1, 5)
                    .Sum(lag =>
                        Math.Pow(.7, lag - 1) * s_sequences.Sum(sequence => Pairs(sequence.Span, from, to, lag))
                    );
                Assert.Equal(sum, at < 0 ? 0 : table.Sums[at], 1e-4);
            }
        }
    }

    [Fact]
    public void A_weight_that_was_written_is_read_to_a_128th_of_its_size_or_of_the_steps_near_0()
    {
        var places = new EventPlaces(s_sequences, Items);
        var exact = WeightTable.Ease(places, default);
        Assert.True(ItemWeights.TryRead(WeightTable.Write(places), Items + 1, out var read));

        Assert.True(read.IsWhole);
        for (var row = 1; row <= Items; row++)
        {
            var largest = exact.RowSpan(row - 1).ToArray().Max(MathF.Abs);
            for (var item = 1; item <= Items; item++)
            {
                var q = read.Values[(row * (Items + 1)) + item];
                var weight = q * Math.Abs((int)q) * read.Scales[row];
                var root = MathF.Sqrt(MathF.Abs(exact.RowSpan(row - 1)[item - 1]) * largest) / 127;
                Assert.Equal(exact.RowSpan(row - 1)[item - 1], weight, root + (largest / 127 / 127));
            }
        }
    }

    [Fact]
    public void A_file_that_is_no_table_is_refused()
    {
        byte[] whole = ItemWeights.Write([0f, 1f, 1f], new sbyte[9]),
            sparse = ItemWeights.Write([0f, 1f, 1f], [0, 0, 1, 2], [2, 1], [5, 6]),
            transitions = ItemTransitions.Write(
                [0, 3, 4],
                [0, 0, 1, 2],
                [2, 1],
                [
                    [1, 2],
                    [0, 0],
                    [0, 0],
                ],
                [1f, 2f]
            );
        Assert.True(ItemWeights.TryRead(whole, 3, out _));
        Assert.True(ItemWeights.TryRead(sparse, 3, out _));
        Assert.True(ItemTransitions.TryRead(transitions, 3, out _));

        foreach (byte[] file in (byte[][])[whole, sparse])
        {
            Assert.False(ItemWeights.TryRead(file, 4, out _));
            Assert.All(Enumerable.Range(0, file.Length), length => Cut(file[..length]));
            Assert.False(ItemWeights.TryRead([.. file, 0], 3, out _));
        }
        Assert.All(
            Enumerable.Range(0, transitions.Length),
            length => Assert.False(ItemTransitions.TryRead(transitions.AsSpan(0, length), 3, out _))
        );
        // Items out of order, an item that there is not, rows that overlap, a weight that is not finite.
        Assert.False(ItemWeights.TryRead(ItemWeights.Write([0f, 1f, 1f], [0, 0, 2, 2], [2, 1], [5, 6]), 3, out _));
        Assert.False(ItemWeights.TryRead(ItemWeights.Write([0f, 1f, 1f], [0, 0, 1, 2], [2, 3], [5, 6]), 3, out _));
        Assert.False(ItemWeights.TryRead(ItemWeights.Write([0f, 1f, 1f], [0, 0, 9, 2], [2, 1], [5, 6]), 3, out _));
        Assert.False(ItemWeights.TryRead(ItemWeights.Write([0f, float.NaN, 1f], new sbyte[9]), 3, out _));

        static void Cut(byte[] file) => Assert.False(ItemWeights.TryRead(file, 3, out _));
    }

    private static int Pairs(ReadOnlySpan<int> sequence, int from, int to, int lag)
    {
        var pairs = 0;
        for (var at = 0; at + lag < sequence.Length; at++)
        {
            pairs += sequence[at] == from && sequence[at + lag] == to ? 1 : 0;
        }
        return pairs;
    }

    private static ReadOnlyMemory<int>[] Sequences(int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, 80)
                .Select(_ => new ReadOnlyMemory<int>([
                    .. Enumerable.Range(0, random.Next(1, 15)).Select(_ => random.Next(1, Items + 1)),
                ])),
        ];
    }
}
