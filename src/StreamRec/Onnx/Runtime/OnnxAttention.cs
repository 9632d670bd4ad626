using Microsoft.ML.OnnxRuntime;
using StreamRec.Encoders;
using StreamRec.Models;

namespace StreamRec.Onnx.Runtime;

/// <summary>
/// Runs a bundle's explain.onnx: the share that attention gives each event of a sequence. For who looks at a user; no
/// list is made with it. Safe for several callers at once.
/// </summary>
internal sealed class OnnxAttention : IDisposable
{
    private static readonly string[] s_inputs = ["vectors", "lengths"];
    private static readonly string[] s_outputs = ["shares"];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly Bundle _bundle;

    /// <exception cref="StreamRecException">The graph does not keep the contract of schemas/bundle.md.</exception>
    public OnnxAttention(Bundle bundle)
    {
        _bundle = bundle;
        _session = OnnxModel.Open(
            bundle.ExplainPath ?? throw new ArgumentException("The bundle has no explain.onnx.", nameof(bundle)),
            bundle.ReadExplain,
            threads: 1,
            [
                new IoContract("vectors", typeof(float), -1, -1, bundle.Manifest.Dimension),
                new IoContract("lengths", typeof(long), -1),
            ],
            [new IoContract("shares", typeof(float), -1, -1)]
        );
    }

    /// <param name="items">1 to 2W−1 items of the model, oldest first.</param>
    /// <returns>Of each its share; they add up to 1.</returns>
    /// <exception cref="StreamRecException">The graph failed.</exception>
    public float[] Shares(ReadOnlySpan<int> items)
    {
        ArgumentOutOfRangeException.ThrowIfZero(items.Length, nameof(items));
        var d = _bundle.Manifest.Dimension;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            items.Length,
            EncodingWindow.Longest(_bundle.Manifest.Window),
            nameof(items)
        );
        var rows = new float[items.Length * d];
        for (var place = 0; place < items.Length; place++)
        {
            _bundle.Vectors.AsSpan(items[place] * d, d).CopyTo(rows.AsSpan(place * d));
        }
        try
        {
            using OrtValue vectors = OrtValue.CreateTensorValueFromMemory(rows, [1, items.Length, d]);
            using OrtValue lengths = OrtValue.CreateTensorValueFromMemory([(long)items.Length], [1]);
            using var results = _session.Run(_runOptions, s_inputs, [vectors, lengths], s_outputs);
            return results[0].GetTensorTypeAndShape().Shape is [1, var length] && length == items.Length
                ? results[0].GetTensorDataAsSpan<float>().ToArray()
                : throw Failed("\"shares\" has another shape than \"vectors\"", null);
        }
        catch (OnnxRuntimeException fault)
        {
            throw Failed(fault.Message, fault);
        }
        StreamRecException Failed(string why, Exception? fault) =>
            new($"{_bundle.ExplainPath} failed: {why}", FaultKind.Input, fault);
    }

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }
}
