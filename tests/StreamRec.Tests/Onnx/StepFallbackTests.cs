using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;
using StreamRec.Training.Export;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Onnx;

/// <summary>
/// ONNX Runtime runs what is not compiled, and what says something else when compiled; nobody runs what breaks the
/// contract.
/// </summary>
public sealed class StepFallbackTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
    private readonly EncoderWeights _weights = StepBundles.Weights(ModelOptions.LstmAttention);

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public void A_graph_of_operators_that_are_known_is_compiled_whoever_made_it()
    {
        Assert.Null(NotCompiled(Graph(graph => graph.Node("Add", "user", ["x", "h"]))));
    }

    [Fact]
    public void An_unknown_operator_falls_back()
    {
        Assert.Contains("Relu", NotCompiled(Graph(graph => graph.Node("Relu", "user", ["x"]))));
    }

    /// <summary>Lists do not depend on how large users are, so neither does what counts as the same.</summary>
    [Fact]
    public void A_program_whose_small_users_are_others_falls_back()
    {
        byte[] Small(string of) =>
            Graph(graph =>
            {
                graph.Constant("little", [1e-6f]);
                graph.Node("Mul", "user", [of, "little"]);
            });
        var bundle = StepBundles.Write(_directory, _weights, Small("x"));
        using var same = new StepModel(bundle, () => Small("x"));
        using var other = new StepModel(bundle, () => Small("h"));

        Assert.Null(same.NotCompiled);
        Assert.Contains(" of a user ", other.NotCompiled);
    }

    [Fact]
    public void An_unknown_attribute_falls_back()
    {
        // ONNX Runtime knows no attribute of these operators that is not known here, and loads no graph with others.
        var bundle = StepBundles.Write(_directory, _weights);
        byte[] step = Graph(graph => graph.Node("Add", "user", ["x", "h"], ("axis", 1)));
        using var model = new StepModel(bundle, () => step);
        Assert.Contains("Add has attribute axis", model.NotCompiled);
    }

    [Fact]
    public void Another_axis_falls_back()
    {
        byte[] step = Graph(graph =>
        {
            graph.Node("ReduceL2", "lengths", ["x"], ("axes", new long[] { 0 }), ("keepdims", 1));
            graph.Node("Add", "user", ["x", "lengths"]);
        });
        Assert.Contains("ReduceL2", NotCompiled(step));
    }

    [Fact]
    public void Constants_of_another_rank_fall_back()
    {
        byte[] step = Graph(graph =>
        {
            graph.Constant("row", new float[16], 1, 16);
            graph.Node("Add", "user", ["x", "row"]);
        });
        Assert.Contains("constant [1,16]", NotCompiled(step));
    }

    [Fact]
    public void Another_opset_falls_back()
    {
        byte[] step = Graph(graph => graph.Node("Add", "user", ["x", "h"]));
        Assert.Equal(17, step[^1]);
        step[^1] = 18;
        Assert.Contains("opset 17", NotCompiled(step));
    }

    [Fact]
    public void Fields_that_are_not_known_fall_back()
    {
        // metadata_props { key: "a", value: "b" }
        byte[] metadata = [0x72, 6, 0x0A, 1, (byte)'a', 0x12, 1, (byte)'b'];
        Assert.Contains("field 14", NotCompiled([.. StepExport.Write(_weights), .. metadata]));
    }

    [Fact]
    public void A_program_that_says_something_else_falls_back()
    {
        var bundle = StepBundles.Write(_directory, _weights);
        // Of these the item vectors and biases stand outside the graph.
        foreach (var parameter in _weights.All.Except([_weights.Embedding, _weights.ItemBias]))
        {
            int at = parameter.Value.Length - 1;
            float right = parameter.Value.Span[at];
            parameter.Value.Span[at] += 0.1f;
            byte[] other = StepExport.Write(_weights);
            parameter.Value.Span[at] = right;

            using var model = new StepModel(bundle, () => other);

            Assert.NotNull(model.NotCompiled);
            Assert.Contains(" and not ", model.NotCompiled);
            Assert.IsType<OnnxStepEncoder>(model.Open());
        }
    }

    [Fact]
    public void Bytes_that_cannot_be_read_a_second_time_fall_back()
    {
        var bundle = StepBundles.Write(_directory, _weights);
        byte[] whole = StepExport.Write(_weights);
        using var truncated = new StepModel(bundle, () => whole[..^9]);
        using var missing = new StepModel(bundle, () => throw new IOException("gone"));

        Assert.NotNull(truncated.NotCompiled);
        Assert.Equal("gone", missing.NotCompiled);
    }

    [Fact]
    public void Truncated_bytes_and_noise_are_refused_by_the_name_of_the_file()
    {
        byte[] whole = StepExport.Write(_weights);
        foreach (
            byte[] step in (byte[][])
                [
                    [1, 2, 3, 4, 5],
                    whole[..(whole.Length / 2)],
                    whole[..^1],
                ]
        )
        {
            var bundle = StepBundles.Write(_directory, _weights, step);
            var fault = Assert.Throws<StreamRecException>(() => new StepModel(bundle));
            Assert.Contains("step.onnx cannot be loaded", fault.Message);
            Assert.Equal(FaultKind.Input, fault.Kind);
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public void A_graph_that_breaks_the_contract_is_refused()
    {
        var bundle = StepBundles.Write(
            _directory,
            _weights,
            Graph(graph => graph.Node("Identity", "user", ["x"]), state: "hidden")
        );
        Assert.Contains("no input \"h\"", Assert.Throws<StreamRecException>(() => new StepModel(bundle)).Message);
    }

    /// <summary>x = the event's row; the state stays; <paramref name="user"/> adds what gives the user.</summary>
    private byte[] Graph(Action<OnnxGraph> user, string state = "h")
    {
        int d = _weights.Dimension;
        var graph = new OnnxGraph("step");
        graph.Input("vector", OnnxFields.DataType.Float, "batch", d);
        foreach ((string name, int width) in ((string, int)[])[(state, d), ("c", d), ("A", d), ("Z", 1), ("m", 1)])
        {
            graph.Input(name, OnnxFields.DataType.Float, "batch", width);
            graph.Output(name + "_out", OnnxFields.DataType.Float, "batch", width);
            graph.Node("Identity", name + "_out", [name]);
        }
        graph.Output("user", OnnxFields.DataType.Float, "batch", d);
        graph.Node("Identity", "x", ["vector"]);
        user(graph);
        return graph.ToBytes();
    }

    /// <summary>Why the graph is not compiled; ONNX Runtime then steps.</summary>
    private string? NotCompiled(byte[] step)
    {
        var bundle = StepBundles.Write(_directory, _weights, step);
        using var model = new StepModel(bundle);
        var encoder = model.Open();
        float[][] state = [new float[encoder.StateWidth]];
        var users = new float[encoder.Dimension];
        encoder.Start(state[0]);
        encoder.Step([1], state, users);
        Assert.Equal(model.NotCompiled is not null, encoder is OnnxStepEncoder);
        Assert.Contains(users, value => value != 0f);
        return model.NotCompiled;
    }
}
