using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;

namespace StreamRec.Onnx;

/// <summary>
/// Compares a bundle's two definitions of the model, encoder.onnx and the steps that serve, on made-up users.
/// </summary>
/// <remarks>
/// The cost is that of encoding some 1,000 + 6·W events by step and once whole: about 0.1 s at W = 50 and D = 128.
/// </remarks>
internal static class StepAgreement
{
    private const int Users = 64,
        Short = 32,
        Seed = 24;

    /// <exception cref="StreamRecException">
    /// Names both files, and how long the sequence was on which they differ.
    /// </exception>
    public static void Require(Bundle bundle, OnnxUserEncoder whole, StepModel steps)
    {
        (var window, var items, var d) = (bundle.Manifest.Window, bundle.Manifest.Items, bundle.Manifest.Dimension);
        // Cut as the worker cuts them: only a block of what a user did is encoded.
        ReadOnlyMemory<int>[] inputs =
        [
            .. Histories(window, items)
                .Select(history => new ReadOnlyMemory<int>(EncodingWindow.Input(history, history.Length, window)))
                .OrderByDescending(input => input.Length),
        ];
        var encoded = new float[inputs.Length * d];
        var stepped = new float[inputs.Length * d];
        var limit = new VectorLimit(bundle);
        try
        {
            whole.Encode(inputs, encoded);
            Step(steps.Open(), inputs, stepped);
        }
        catch (EncoderFailedException fault)
        {
            throw new StreamRecException(
                $"{fault.Message} The contract stands in schemas/bundle.md.",
                FaultKind.Input,
                fault
            );
        }
        for (var user = 0; user < inputs.Length; user++)
        {
            var apart = EncoderTrial.Apart(encoded.AsSpan(user * d, d), stepped.AsSpan(user * d, d));
            var listed = limit.Allows(encoded.AsSpan(user * d, d)) || limit.Allows(stepped.AsSpan(user * d, d));
            // Not >, rather than ≤: what is not a number agrees with no number.
            if (listed && !(apart <= EncoderTrial.Tolerance))
            {
                throw new StreamRecException(
                    $"{bundle.StepPath} is not the same function as {bundle.EncoderPath}: "
                        + $"of {inputs[user].Length} events the "
                        + $"two make vectors that are {apart:G2} of their largest number apart, "
                        + $"and {EncoderTrial.Tolerance:G2} is the most. One of them is of another model: "
                        + "export both from the same weights; or leave "
                        + $"{BundleFiles.Step} out of the bundle and its manifest, "
                        + $"and every user is encoded by {BundleFiles.Encoder}.",
                    FaultKind.Input
                );
            }
        }
    }

    /// <summary>Most are short; some have one event, and some more than W and than 2W−1.</summary>
    private static IEnumerable<int[]> Histories(int window, int items)
    {
        var random = new Random(Seed);
        for (var user = 0; user < Users; user++)
        {
            var length = user switch
            {
                0 => 1,
                1 => (2 * window) - 1,
                2 => random.Next(window, 2 * window),
                3 => random.Next(2 * window, (3 * window) + 1),
                _ => random.Next(1, Math.Min(Short, (3 * window) + 1)),
            };
            yield return [.. Enumerable.Range(0, length).Select(_ => random.Next(1, items + 1))];
        }
    }

    /// <param name="inputs">The longest first, so that those that still go on are the first ones.</param>
    private static void Step(IStepEncoder step, ReadOnlyMemory<int>[] inputs, float[] users)
    {
        using var owned = step as IDisposable;
        float[][] states = [.. inputs.Select(_ => new float[step.StateWidth])];
        Array.ForEach(states, state => step.Start(state));
        for (var at = 0; at < inputs[0].Length; at++)
        {
            var live = Array.FindLastIndex(inputs, input => input.Length > at) + 1;
            int[] items = [.. inputs[..live].Select(input => input.Span[at])];
            step.Step(items, states.AsSpan(0, live), users.AsSpan(0, live * step.Dimension));
        }
    }
}
