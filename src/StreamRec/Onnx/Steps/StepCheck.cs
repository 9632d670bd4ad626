using System.Numerics.Tensors;
using StreamRec.Encoders;

namespace StreamRec.Onnx.Steps;

/// <summary>
/// Lets two step encoders walk side by side, from the start, and compares all that they say and keep.
/// </summary>
internal static class StepCheck
{
    private const float Tolerance = 1e-5f;
    private const int Rounds = 24,
        Users = 64,
        Seed = 20;

    // Of each kind that a product tiles otherwise, and the largest at the end of each round.
    private static readonly int[] s_batches = [1, 2, 3, 4, 7, 16, 33, Users];

    /// <summary>
    /// The first difference in a user of more than 1e-5 of its largest number, or in a state of more than 1e-5·max(1,
    /// |b|), b being
    /// <paramref name="trusted"/>'s; null: there is none.
    /// </summary>
    /// <param name="items">N; pseudo-random ones of 1..N are stepped, the same ones each time.</param>
    public static string? Difference(IStepEncoder encoder, IStepEncoder trusted, int items)
    {
        var random = new Random(Seed);
        (var states, var trustedStates) = (Start(encoder), Start(trusted));
        (var users, var trustedUsers) = (new float[Users * encoder.Dimension], new float[Users * trusted.Dimension]);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var batch in s_batches)
            {
                var first = random.Next(Users - batch + 1);
                int[] stepped = [.. Enumerable.Range(0, batch).Select(_ => random.Next(1, items + 1))];
                encoder.Step(stepped, states.AsSpan(first, batch), users);
                trusted.Step(stepped, trustedStates.AsSpan(first, batch), trustedUsers);
                for (var row = 0; row < batch; row++)
                {
                    var vector = (row * encoder.Dimension)..((row + 1) * encoder.Dimension);
                    // The order of lists does not depend on how large a user is.
                    var difference =
                        Difference(
                            "a user",
                            users.AsSpan(vector),
                            trustedUsers.AsSpan(vector),
                            TensorPrimitives.MaxMagnitude(trustedUsers.AsSpan(vector))
                        ) ?? Difference("a state", states[first + row], trustedStates[first + row], 1f);
                    if (difference is not null)
                    {
                        return $"{difference} in round {round + 1}, batch {batch}, row {row}";
                    }
                }
            }
        }
        return null;
    }

    private static float[][] Start(IStepEncoder encoder)
    {
        float[][] states = [.. Enumerable.Range(0, Users).Select(_ => new float[encoder.StateWidth])];
        Array.ForEach(states, state => encoder.Start(state));
        return states;
    }

    private static string? Difference(string what, ReadOnlySpan<float> mine, ReadOnlySpan<float> trusted, float scale)
    {
        for (var at = 0; at < mine.Length; at++)
        {
            // Not ≤, rather than >: what is not a number agrees with nothing.
            if (!(MathF.Abs(mine[at] - trusted[at]) <= Tolerance * MathF.Max(MathF.Abs(scale), MathF.Abs(trusted[at]))))
            {
                return string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{mine[at]} and not {trusted[at]} at {at} of {what}"
                );
            }
        }
        return null;
    }
}
