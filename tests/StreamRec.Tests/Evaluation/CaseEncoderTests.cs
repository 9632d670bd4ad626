using StreamRec.Encoders;
using StreamRec.Evaluation;

namespace StreamRec.Tests.Evaluation;

/// <summary>Many blocks at once, each as if it were encoded alone.</summary>
public class CaseEncoderTests
{
    /// <summary>
    /// More than a call takes; with beginnings of each other, the same twice, and such as only look alike.
    /// </summary>
    private static readonly ReadOnlyMemory<int>[] Inputs =
    [
        .. Enumerable
            .Range(0, 400)
            .SelectMany(user =>
                Enumerable
                    .Range(1, 1 + (user % 5))
                    .Select(length => new ReadOnlyMemory<int>([
                        .. Enumerable.Range(0, length).Select(at => 1 + ((user + (at * at)) % 9)),
                    ]))
            ),
        new[] { 1, 2 },
        new[] { 1, 2 },
        new[] { 1, 2, 3 },
        new[] { 1, 3, 3, 4 },
        new[] { 1 },
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_input_has_its_own_vector(bool steps)
    {
        var polynomial = new Polynomial();
        var users = new float[Inputs.Length];

        new CaseEncoder(polynomial, steps ? () => polynomial : null).Encode(Inputs, users, CancellationToken.None);

        Assert.Equal(Inputs.Select(Polynomial.Of), users);
    }

    /// <summary>What a stream asks after each event of a user costs a step an event, not a block an event.</summary>
    [Fact]
    public void An_input_that_goes_on_costs_its_further_events()
    {
        int[] sequence = [.. Enumerable.Range(1, 50)];
        var polynomial = new Polynomial();
        var users = new float[50];

        new CaseEncoder(polynomial, () => polynomial).Encode(
            [.. Enumerable.Range(1, 50).Select(length => sequence.AsMemory(0, length))],
            users,
            CancellationToken.None
        );

        Assert.Equal(50, polynomial.Steps);
    }

    [Fact]
    public void A_cancelled_encoding_ends()
    {
        var polynomial = new Polynomial();
        var token = new CancellationToken(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() =>
            new CaseEncoder(polynomial, null).Encode(Inputs, new float[Inputs.Length], token)
        );
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new CaseEncoder(polynomial, () => polynomial).Encode(Inputs, new float[Inputs.Length], token)
        );
    }

    /// <summary>A user is the number that the items are the digits of, modulo a prime.</summary>
    private sealed class Polynomial : IUserEncoder, IStepEncoder
    {
        private int _steps;

        public int Dimension => 1;

        public int StateWidth => 1;

        public int Steps => _steps;

        public static float Of(ReadOnlyMemory<int> items) => items.ToArray().Aggregate(0f, Next);

        public void Encode(IReadOnlyList<ReadOnlyMemory<int>> sequences, Span<float> users)
        {
            for (int at = 0; at < sequences.Count; at++)
            {
                users[at] = Of(sequences[at]);
            }
        }

        public void Start(Span<float> state) => state[0] = 0;

        public void Step(ReadOnlySpan<int> items, ReadOnlySpan<float[]> states, Span<float> users)
        {
            Interlocked.Add(ref _steps, items.Length);
            for (int at = 0; at < items.Length; at++)
            {
                users[at] = states[at][0] = Next(states[at][0], items[at]);
            }
        }

        private static float Next(float number, int item) => ((number * 31) + item) % 9973;
    }
}
