using Microsoft.ML.OnnxRuntime;
using StreamRec.Models;

namespace StreamRec.Onnx.Runtime;

/// <summary>A bundle's step.onnx, loaded once; each thread that steps opens an encoder of its own.</summary>
public sealed class OnnxStepModel : IDisposable
{
    internal const string Item = "item",
        Vector = "vector";
    internal static readonly string[] States = ["h", "c", "A", "Z", "m"];
    internal static readonly string[] Outputs = ["user", "h_out", "c_out", "A_out", "Z_out", "m_out"];

    /// <exception cref="StreamRecException">The bundle has no step.onnx, or it does not keep the contract.</exception>
    public OnnxStepModel(Bundle bundle)
    {
        var path =
            bundle.StepPath
            ?? throw new StreamRecException(
                $"The bundle of {bundle.EncoderPath} has no {BundleFiles.Step}; run its encoder instead.",
                FaultKind.Input
            );
        (Dimension, Items) = (bundle.Manifest.Dimension, bundle.Manifest.Items);
        (Event, Table) = bundle.Manifest.TakesVectors ? (Vector, bundle.Vectors) : (Item, null);
        IoContract[] Parts(string suffix) =>
            [.. States.Select((name, at) => new IoContract(name + suffix, typeof(float), -1, Width(at, Dimension)))];
        Session = OnnxModel.Open(
            path,
            bundle.ReadStep,
            threads: 1,
            [
                Table is null
                    ? new IoContract(Event, typeof(long), -1)
                    : new IoContract(Event, typeof(float), -1, Dimension),
                .. Parts(""),
            ],
            [.. Parts("_out"), new IoContract("user", typeof(float), -1, Dimension)]
        );
    }

    public int Dimension { get; }

    internal int Items { get; }

    /// <summary>The input that an event is: <see cref="Vector"/> or <see cref="Item"/>.</summary>
    internal string Event { get; }

    /// <summary>The rows [N+1,D] that an event is fed as; null: it is fed as the item's index.</summary>
    internal float[]? Table { get; }

    internal InferenceSession Session { get; }

    /// <summary>An encoder for one thread. It must not outlive the model.</summary>
    public OnnxStepEncoder Open() => new(this);

    public void Dispose() => Session.Dispose();

    /// <summary>Floats of h, c, A, Z and m.</summary>
    internal static int Width(int part, int dimension) => part < 3 ? dimension : 1;
}
