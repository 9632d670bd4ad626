using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Training.Export;

namespace StreamRec.Tests.Onnx;

/// <summary>Encoders that our trainer did not make: whatever keeps the contract runs, and nothing else does.</summary>
public sealed class ForeignEncoderTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("items")]
    [InlineData("vectors")]
    public void A_mean_of_item_vectors_runs_unchanged(string input)
    {
        using var encoder = new OnnxUserEncoder(Bundle(Mean(input, "user").ToBytes(), input), threads: 2);
        ReadOnlyMemory<int>[] sequences = [new[] { 1, 2, 3 }, new[] { 2 }, Enumerable.Repeat(3, 30).ToArray()];
        var users = new float[6];
        encoder.Encode(sequences, users);

        Assert.Equal([3f, 4f, 3f, 4f, 5f, 6f], users.Select(u => MathF.Round(u, 5)));
    }

    [Fact]
    public void Refuses_other_names_than_the_contract_s()
    {
        Assert.Contains("no input \"items\"", Refused(Mean("tokens", "user").ToBytes()));
        Assert.Contains("no output \"user\"", Refused(Mean("items", "vector").ToBytes()));
    }

    [Fact]
    public void Refuses_a_graph_of_the_other_kind_than_the_manifest_names()
    {
        Assert.Contains("no input \"vectors\"", Refused(Mean("items", "user").ToBytes(), "vectors"));
        Assert.Contains("no input \"items\"", Refused(Mean("vectors", "user").ToBytes()));
    }

    [Fact]
    public void Refuses_another_dimension()
    {
        Assert.Contains("user", Refused(Mean("items", "user", width: 4).ToBytes()));
    }

    [Fact]
    public void Refuses_bytes_that_are_no_model()
    {
        Assert.Contains("encoder.onnx", Refused([1, 2, 3, 4, 5]));
    }

    [Fact]
    public void Refuses_tensors_in_other_files()
    {
        // graph { initializer { data_location: EXTERNAL } }
        byte[] external = [0x3A, 4, 0x2A, 2, 0x70, 1];
        Assert.Contains("other files", Refused([.. Mean("items", "user").ToBytes(), .. external]));
    }

    [Fact]
    public void Refuses_items_that_the_model_does_not_have()
    {
        using var encoder = new OnnxUserEncoder(Bundle(Mean("items", "user").ToBytes()));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([new[] { 4 }], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([new[] { 0 }], new float[2]));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(8, 8)]
    [InlineData(9, 12)]
    [InlineData(13, 16)]
    [InlineData(17, 24)]
    [InlineData(33, 39)]
    [InlineData(39, 39)]
    public void Lengths_fall_into_few_buckets(int length, int bucket) =>
        Assert.Equal(bucket, OnnxUserEncoder.Bucket(length, longest: 39));

    private static OnnxGraph Mean(string items, string user, int width = 2)
    {
        var graph = new OnnxGraph("mean");
        var rows = items;
        if (items == "vectors")
        {
            graph.Input(items, OnnxFields.DataType.Float, "b", "l", width);
        }
        else
        {
            graph.Input(items, OnnxFields.DataType.Int64, "b", "l");
            graph.Constant("table", [0f, 0f, 1f, 2f, 3f, 4f, 5f, 6f], 8 / width, width);
            rows = graph.Node("Gather", "x", ["table", items]);
        }
        graph.Input("lengths", OnnxFields.DataType.Int64, "b");
        graph.Output(user, OnnxFields.DataType.Float, "b", width);
        graph.Constant("axis", [1L], 1);
        graph.Node("ReduceSum", "sum", [rows, "axis"], ("keepdims", 0));
        graph.Node("Cast", "count", ["lengths"], ("to", OnnxFields.DataType.Float));
        graph.Node("Unsqueeze", "column", ["count", "axis"]);
        graph.Node("Div", user, ["sum", "column"]);
        return graph;
    }

    private Bundle Bundle(byte[] encoder, string input = "items")
    {
        BundleWriter.Write(
            _directory,
            new BundleContents
            {
                Dimension = 2,
                Window = 50,
                ItemIds = ["", "a", "b", "c"],
                Vectors = new[] { 0f, 0f, 1f, 2f, 3f, 4f, 5f, 6f },
                Inputs = [input, "lengths"],
                Encoder = encoder,
            }
        );
        return StreamRec.Models.Bundle.Load(_directory);
    }

    private string Refused(byte[] encoder, string input = "items")
    {
        var bundle = Bundle(encoder, input);
        Directory.CreateDirectory(_directory);
        var fault = Assert.Throws<StreamRecException>(() => new OnnxUserEncoder(bundle));
        Assert.Equal(FaultKind.Input, fault.Kind);
        Directory.Delete(_directory, recursive: true);
        return fault.Message;
    }
}
