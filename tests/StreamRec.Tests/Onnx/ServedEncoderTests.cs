using StreamRec.Evaluation;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Training.Export;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Onnx;

/// <summary>
/// A bundle defines its model twice, in encoder.onnx and step.onnx: nothing is served, or judged, where the two
/// differ.
/// </summary>
public sealed class ServedEncoderTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
    private readonly EncoderWeights _weights = StepBundles.Weights(ModelOptions.LstmAttention, residual: true);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Two_graphs_of_the_same_weights_serve_by_step()
    {
        using var served = new ServedEncoder(StepBundles.Write(_directory, _weights));

        Assert.Equal("by step", served.How);
        Assert.NotNull(served.OpenStep);
    }

    [Fact]
    public void The_step_of_another_bundle_is_refused_by_work_and_by_evaluate()
    {
        byte[] other = StepExport.Write(StepBundles.Weights(ModelOptions.LstmAttention, residual: true, seed: 2));
        var bundle = StepBundles.Write(_directory, _weights, other);

        string message = Refused(bundle, () => new ServedEncoder(bundle));

        Assert.Equal(message, Refused(bundle, () => new ModelRanker(bundle, null)));
    }

    /// <summary>A little: one weight of many, as between two epochs of a training.</summary>
    [Fact]
    public void The_step_of_weights_that_differ_a_little_is_refused()
    {
        var changed = _weights.FromLast;
        byte[] encoder = EncoderExport.Write(_weights);
        for (int at = 0; at < changed.Value.Length; at++)
        {
            changed.Value.Span[at] *= 1.02f;
        }
        var bundle = StepBundles.Write(_directory, _weights, encoder: encoder);

        Refused(bundle, () => new ServedEncoder(bundle));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(StepBundles.Window)]
    [InlineData((2 * StepBundles.Window) - 2)]
    public void A_step_that_differs_on_longer_sequences_alone_is_refused(int events)
    {
        var bundle = StepBundles.Write(
            _directory,
            _weights,
            Last(step: true, events),
            Last(step: false, events),
            BundleManifest.ItemInputs
        );

        Assert.Contains("events", Refused(bundle, () => new ServedEncoder(bundle)));
    }

    /// <summary>A user without a usable vector gets no list: here all with more than five events.</summary>
    [Fact]
    public void A_step_that_gives_no_number_where_the_encoder_does_is_refused()
    {
        var bundle = StepBundles.Write(
            _directory,
            _weights,
            Last(step: true, events: 5, more: float.MaxValue),
            Last(step: false, events: 5),
            BundleManifest.ItemInputs
        );

        Refused(bundle, () => new ServedEncoder(bundle));
    }

    private static string Refused(Bundle bundle, Func<object> open)
    {
        var fault = Assert.Throws<StreamRecException>(open);
        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains(bundle.StepPath!, fault.Message);
        Assert.Contains(bundle.EncoderPath, fault.Message);
        return fault.Message;
    }

    /// <summary>
    /// The last item's vector; by step once more, or as often as is said, where there were more than so many events.
    /// </summary>
    private byte[] Last(bool step, int events, float more = 1)
    {
        int d = _weights.Dimension;
        var graph = new OnnxGraph("last");
        graph.Constant(
            "vectors",
            _weights.Embedding.Seen.Span[..((StepBundles.Items + 1) * d)],
            StepBundles.Items + 1,
            d
        );
        graph.Output("user", OnnxFields.DataType.Float, "batch", d);
        if (!step)
        {
            graph.Input("items", OnnxFields.DataType.Int64, "batch", "length");
            graph.Input("lengths", OnnxFields.DataType.Int64, "batch");
            graph.Constant("one", [1L]);
            graph.Constant("axis", [1L], 1);
            graph.Node("Sub", "place", ["lengths", "one"]);
            graph.Node("Unsqueeze", "places", ["place", "axis"]);
            graph.Node("GatherElements", "lasts", ["items", "places"], ("axis", 1));
            graph.Node("Squeeze", "last", ["lasts", "axis"]);
            graph.Node("Gather", "user", ["vectors", "last"]);
            return graph.ToBytes();
        }
        graph.Input("item", OnnxFields.DataType.Int64, "batch");
        foreach ((string name, int width) in ((string, int)[])[("h", d), ("c", d), ("A", d), ("Z", 1), ("m", 1)])
        {
            graph.Input(name, OnnxFields.DataType.Float, "batch", width);
            graph.Output(name + "_out", OnnxFields.DataType.Float, "batch", width);
        }
        foreach (string name in (string[])["h", "c", "A", "m"])
        {
            graph.Node("Identity", name + "_out", [name]);
        }
        graph.Constant("another", [1f]);
        graph.Constant("few", [(float)events]);
        graph.Node("Add", "Z_out", ["Z", "another"]);
        graph.Node("Sub", "beyond", ["Z_out", "few"]);
        graph.Node("Relu", "above", ["beyond"]);
        graph.Constant("times", [more]);
        graph.Node("Sign", "beyond it", ["above"]);
        graph.Node("Mul", "more", ["beyond it", "times"]);
        graph.Node("Add", "factor", ["more", "another"]);
        graph.Node("Gather", "x", ["vectors", "item"]);
        // Twice: however small the vector, its product with the largest number is none.
        graph.Node("Mul", "some", ["x", "factor"]);
        graph.Node("Mul", "user", ["some", "factor"]);
        return graph.ToBytes();
    }
}
