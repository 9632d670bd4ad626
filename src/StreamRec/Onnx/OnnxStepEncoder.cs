using Microsoft.ML.OnnxRuntime;
using StreamRec.Bundles;

namespace StreamRec.Onnx;

/// <summary>What an encoder knows of one user after some events: h, c and A [D], Z and m. A value: replaced, never changed.</summary>
public sealed record StepState(float[] H, float[] C, float[] A, float Z, float M)
{
    private const float BeforeAll = -1e30f;

    /// <summary>The state before the first event.</summary>
    public static StepState Start(int dimension) =>
        new(new float[dimension], new float[dimension], new float[dimension], 0, BeforeAll);
}

/// <summary>Runs a bundle's step.onnx: states and one event each → new states and user vectors. One caller at a time.</summary>
public sealed class OnnxStepEncoder : IDisposable
{
    private static readonly string[] Inputs = ["item", "h", "c", "A", "Z", "m"];
    private static readonly string[] Outputs = ["h_out", "c_out", "A_out", "Z_out", "m_out", "user"];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly int _items;

    /// <exception cref="StreamRecException">The bundle has no step.onnx, or it does not keep the contract.</exception>
    public OnnxStepEncoder(Bundle bundle, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        string path = bundle.StepPath ?? throw new StreamRecException(
            $"The bundle of {bundle.EncoderPath} has no {BundleFiles.Step}; run its encoder instead.", ExitCode.BadInput);
        (Dimension, _items) = (bundle.Manifest.Dimension, bundle.Manifest.Items);
        IoContract[] States(string suffix) =>
            [.. Inputs.Skip(1).Select(name => new IoContract(name + suffix, typeof(float), -1, name is "Z" or "m" ? 1 : Dimension))];
        _session = OnnxModel.Open(
            path,
            threads,
            [new IoContract("item", typeof(long), -1), .. States("")],
            [.. States("_out"), new IoContract("user", typeof(float), -1, Dimension)]);
    }

    public int Dimension { get; }

    /// <summary>Advances B states by one item each, in 1..N, and writes user vectors [B,D], row-major.</summary>
    public StepState[] Step(IReadOnlyList<StepState> states, ReadOnlySpan<int> items, Span<float> users)
    {
        int count = items.Length;
        if (states.Count != count || users.Length != count * Dimension)
        {
            throw new ArgumentException($"{count} items need {count} states and {count * Dimension} floats.", nameof(states));
        }

        var indices = new long[count];
        for (int row = 0; row < count; row++)
        {
            indices[row] = (uint)(items[row] - 1) < (uint)_items
                ? items[row]
                : throw new ArgumentOutOfRangeException(nameof(items), items[row], $"Items are 1..{_items}.");
        }

        OrtValue[] inputs =
        [
            OrtValue.CreateTensorValueFromMemory(indices, [count]),
            Gather(states, state => state.H),
            Gather(states, state => state.C),
            Gather(states, state => state.A),
            Gather(states, state => [state.Z]),
            Gather(states, state => [state.M]),
        ];
        try
        {
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_runOptions, Inputs, inputs, Outputs);
            results[5].GetTensorDataAsSpan<float>().CopyTo(users);
            return [.. Enumerable.Range(0, count).Select(row => new StepState(
                Row(results[0], row), Row(results[1], row), Row(results[2], row),
                results[3].GetTensorDataAsSpan<float>()[row], results[4].GetTensorDataAsSpan<float>()[row]))];
        }
        finally
        {
            Array.ForEach(inputs, input => input.Dispose());
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    private static OrtValue Gather(IReadOnlyList<StepState> states, Func<StepState, float[]> part)
    {
        float[] values = [.. states.SelectMany(part)];
        return OrtValue.CreateTensorValueFromMemory(values, [states.Count, values.Length / Math.Max(1, states.Count)]);
    }

    private float[] Row(OrtValue values, int row) =>
        values.GetTensorDataAsSpan<float>().Slice(row * Dimension, Dimension).ToArray();
}
