using StreamRec.Encoders;
using StreamRec.Onnx.Runtime;
using StreamRec.Ranking;
using StreamRec.Sequences;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>Many histories at once, each as if it were encoded alone, by what serves.</summary>
public sealed class HistoryEncodingTests : IDisposable
{
    private const int Window = 4,
        Items = 20,
        Dimension = 16;
    private const float Tolerance = 1e-5f;

    private readonly RandomBundle _random = new(Window, Items);

    public void Dispose() => _random.Dispose();

    /// <summary>More users than a call takes; some of no event, or of items that the model lacks alone.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_history_has_its_own_vector(bool rerun)
    {
        var random = new Random(4);
        ReadOnlyMemory<int>[] histories =
        [
            .. Enumerable.Range(0, 300).SelectMany(user => Beginnings(random, user % 7)),
            ReadOnlyMemory<int>.Empty,
            new[] { 0, 0 },
            new[] { 1, 2 },
            new[] { 1, 2 },
            new[] { 1, 3, 3, 4 },
            new[] { 1, 3, 3, 4, 0, 0, 0, 0, 0, 0 },
        ];
        using var model = Model(new TestEncoders(_random.Bundle, rerun));
        var users = new float[histories.Length * Dimension];

        bool[] usable = new HistoryEncoding(model).Encode(histories, users);

        using var whole = new OnnxUserEncoder(_random.Bundle);
        for (int at = 0; at < histories.Length; at++)
        {
            int[] input = EncodingWindow.Input(histories[at].Span, histories[at].Length, Window);
            Assert.Equal(input.Length > 0, usable[at]);
            var expected = new float[Dimension];
            if (usable[at])
            {
                whole.Encode([input], expected);
            }
            Assert.All(
                expected.Zip(users[(at * Dimension)..((at + 1) * Dimension)]),
                pair => Assert.Equal(pair.First, pair.Second, Tolerance * MathF.Max(1, MathF.Abs(pair.First)))
            );
        }
    }

    /// <summary>What a stream asks after each event of a user costs a step an event, and a block anew.</summary>
    [Fact]
    public void A_history_that_goes_on_costs_its_further_events()
    {
        var counted = new Counted(_random.Bundle.Manifest.Dimension);
        using var model = Model(counted);
        int[] history = [.. Enumerable.Range(1, 10)];

        new HistoryEncoding(model).Encode(
            [.. Enumerable.Range(1, 10).Select(length => history.AsMemory(0, length))],
            new float[10 * Dimension]
        );

        // After the eighth event the block begins with the fifth.
        Assert.Equal(7 + 4 + 2, counted.Steps);
    }

    [Fact]
    public void A_cancelled_encoding_ends()
    {
        using var model = Model(new TestEncoders(_random.Bundle));

        Assert.ThrowsAny<OperationCanceledException>(() =>
            new HistoryEncoding(model).Encode(
                [new[] { 1 }],
                new float[Dimension],
                new CancellationToken(canceled: true)
            )
        );
    }

    private ServingModel Model(IModelEncoder encoder) =>
        new(
            _random.Bundle,
            encoder,
            new ServingOptions { Sequence = new SequenceOptions { Kept = Eligibility.LeastKept(Window) } }
        );

    // A user's history after some of its events, each beginning with the one before.
    private static IEnumerable<ReadOnlyMemory<int>> Beginnings(Random random, int asked)
    {
        int[] history = [.. Enumerable.Range(0, 25).Select(_ => random.Next(0, Items + 1))];
        return Enumerable
            .Range(0, asked)
            .Select(_ => random.Next(1, history.Length + 1))
            .Order()
            .Select(length => new ReadOnlyMemory<int>(history, 0, length));
    }

    /// <summary>Steps by one number, and counts.</summary>
    private sealed class Counted(int dimension) : IModelEncoder, IStepEncoder
    {
        private int _steps;

        public IUserEncoder Whole => null!;

        public Func<IStepEncoder> OpenStep => () => this;

        public int Steps => _steps;

        public int Dimension => dimension;

        public int StateWidth => 1;

        public void Start(Span<float> state) { }

        public void Step(
            ReadOnlySpan<int> items,
            ReadOnlySpan<float[]> states,
            Span<float> users,
            IAddedRows? added = null
        )
        {
            users.Clear();
            Interlocked.Add(ref _steps, items.Length);
        }

        public void Dispose() { }
    }
}
