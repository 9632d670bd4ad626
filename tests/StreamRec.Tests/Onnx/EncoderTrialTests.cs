using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Training.Export;

namespace StreamRec.Tests.Onnx;

/// <summary>
/// An encoder that somebody brings is tried when it is loaded: what would halt the worker later is refused by name
/// then.
/// </summary>
public sealed class EncoderTrialTests : IDisposable
{
    private const int Window = 20,
        Longest = (2 * Window) - 1,
        Items = 3;

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    [Fact]
    public void A_table_of_positions_needs_no_more_than_2W_minus_1_rows()
    {
        using var encoder = new OnnxUserEncoder(Bundle(Positional(Longest)));
        ReadOnlyMemory<int>[] sequences =
        [
            .. Enumerable.Range(1, Longest).Select(n => new ReadOnlyMemory<int>([.. Enumerable.Repeat(2, n)])),
        ];
        var users = new float[2 * sequences.Length];

        encoder.Encode(sequences, users);

        // The item's vector, and the mean of 0…n−1 in each number.
        Assert.All(
            sequences,
            sequence => Assert.Equal(3 + ((sequence.Length - 1) / 2f), users[2 * (sequence.Length - 1)], 1e-4f)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.Encode([new int[Longest + 1]], new float[2]));
    }

    [Fact]
    public void A_table_of_fewer_positions_is_refused_by_the_shape_that_it_cannot_take()
    {
        string message = Refused(Positional(Longest - 1));

        Assert.Contains($",{Longest}]", message);
        Assert.Contains($"1 to {Longest} places", message);
    }

    [Fact]
    public void A_window_of_one_event_has_one_place()
    {
        using var encoder = new OnnxUserEncoder(Bundle(Positional(1), window: 1));
        var users = new float[2];

        encoder.Encode([new[] { 3 }], users);

        Assert.Equal([5f, 6f], users);
    }

    [Fact]
    public void Padding_that_changes_the_result_is_refused()
    {
        byte[] encoder = Graph(graph =>
            graph.Node("ReduceMean", "user", ["x"], ("axes", new long[] { 1 }), ("keepdims", 0))
        );

        Assert.Contains("padding", Refused(encoder));
    }

    [Fact]
    public void Rows_that_change_each_other_are_refused()
    {
        byte[] encoder = Graph(graph =>
        {
            graph.Node("ReduceMax", "all", ["x"], ("axes", new long[] { 0, 1 }), ("keepdims", 0));
            graph.Node("ReduceSum", "own", ["x", "axis"], ("keepdims", 0));
            graph.Node("Add", "user", ["own", "all"]);
        });

        Assert.Contains("the other rows", Refused(encoder));
    }

    [Fact]
    public void Vectors_that_are_not_finite_are_refused()
    {
        byte[] encoder = Graph(graph =>
        {
            graph.Constant("nothing", [0f]);
            graph.Node("ReduceSum", "sum", ["x", "axis"], ("keepdims", 0));
            graph.Node("Div", "user", ["sum", "nothing"]);
        });

        Assert.Contains("not finite for items [3,1]", Refused(encoder));
    }

    [Fact]
    public void Another_shape_than_B_and_D_is_refused()
    {
        byte[] encoder = Graph(graph =>
        {
            graph.Constant("rows", [0L], 1);
            graph.Node("ReduceSum", "sum", ["x", "axis"], ("keepdims", 0));
            graph.Node("ReduceSum", "user", ["sum", "rows"], ("keepdims", 1));
        });

        Assert.Contains("\"user\" is [1,2] and not [3,2]", Refused(encoder));
    }

    [Fact]
    public void A_table_without_the_last_item_is_refused()
    {
        byte[] encoder = Graph(graph => graph.Node("ReduceSum", "user", ["x", "axis"], ("keepdims", 0)), rows: Items);

        Assert.Contains($"items 1 to {Items}", Refused(encoder));
    }

    [Theory]
    [InlineData(7, 17)]
    [InlineData(8, 17)]
    [InlineData(3, 17)]
    [InlineData(13, 26)]
    public void Versions_that_the_contract_names_are_run(int irVersion, int opset)
    {
        byte[] encoder = Graph(graph => graph.Node("ReduceSum", "user", ["x", "axis"], ("keepdims", 0)));
        Assert.Equal((0x08, 8, 17), (encoder[0], encoder[1], encoder[^1]));
        (encoder[1], encoder[^1]) = ((byte)irVersion, (byte)opset);

        using var loaded = new OnnxUserEncoder(Bundle(encoder));

        Assert.Equal(2, loaded.Dimension);
    }

    /// <summary>x [B,L,2], the items' vectors; <paramref name="user"/> adds what gives the user.</summary>
    private static byte[] Graph(Action<OnnxGraph> user, int rows = Items + 1)
    {
        var graph = new OnnxGraph("tried");
        graph.Input("items", OnnxFields.DataType.Int64, "b", "l");
        graph.Input("lengths", OnnxFields.DataType.Int64, "b");
        graph.Output("user", OnnxFields.DataType.Float, "b", 2);
        graph.Constant("table", Vectors.AsSpan(0, 2 * rows), rows, 2);
        graph.Constant("axis", [1L], 1);
        graph.Node("Gather", "x", ["table", "items"]);
        user(graph);
        return graph.ToBytes();
    }

    /// <summary>
    /// The mean over the events before the padding of the item's vector and the place's, which is the place itself.
    /// </summary>
    private static byte[] Positional(int rows) =>
        Graph(graph =>
        {
            graph.Constant(
                "places",
                [.. Enumerable.Range(0, rows).SelectMany(place => new float[] { place, place })],
                rows,
                2
            );
            graph.Constant("second", [1L]);
            graph.Constant("zero", [0L]);
            graph.Constant("last_axis", [2L], 1);
            graph.Node("Shape", "shape", ["items"]);
            graph.Node("Gather", "length", ["shape", "second"]);
            graph.Node("Range", "range", ["zero", "length", "second"]);
            graph.Node("Gather", "p", ["places", "range"]);
            graph.Node("Add", "placed", ["x", "p"]);
            graph.Node("Unsqueeze", "ends", ["lengths", "axis"]);
            graph.Node("Less", "there", ["range", "ends"]);
            graph.Node("Cast", "weight", ["there"], ("to", OnnxFields.DataType.Float));
            graph.Node("Unsqueeze", "weights", ["weight", "last_axis"]);
            graph.Node("Mul", "kept", ["placed", "weights"]);
            graph.Node("ReduceSum", "sum", ["kept", "axis"], ("keepdims", 0));
            graph.Node("Cast", "count", ["ends"], ("to", OnnxFields.DataType.Float));
            graph.Node("Div", "user", ["sum", "count"]);
        });

    private static float[] Vectors => [0f, 0f, 1f, 2f, 3f, 4f, 5f, 6f];

    private Bundle Bundle(byte[] encoder, int window = Window)
    {
        BundleWriter.Write(
            _directory,
            new BundleContents
            {
                Dimension = 2,
                Window = window,
                ItemIds = ["", "a", "b", "c"],
                Vectors = Vectors,
                Encoder = encoder,
            }
        );
        return StreamRec.Models.Bundle.Load(_directory);
    }

    private string Refused(byte[] encoder)
    {
        var fault = Assert.Throws<StreamRecException>(() => new OnnxUserEncoder(Bundle(encoder)));
        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains("encoder.onnx", fault.Message);
        return fault.Message;
    }
}
