using StreamRec.Numerics.Matrices;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;

namespace StreamRec.Training.Export;

/// <summary>encoder.onnx: rows of the item table [B,L,D] and lengths [B] → user [B,D], in float32.</summary>
internal static class EncoderExport
{
    private const float Excluded = -1e30f;

    public static byte[] Write(EncoderWeights weights)
    {
        var graph = new OnnxGraph("encoder");
        var (x, hidden, last, places) = States(graph, weights);
        graph.Output("user", OnnxFields.DataType.Float, "batch", weights.Dimension);
        var output = graph.Node("MatMul", "from_last", [last, Matrix(graph, weights.FromLast)]);
        if (weights.HasAttention)
        {
            var pooled = Attention(graph, weights, hidden, last, places);
            var part = graph.Node("MatMul", "from_pooled", [pooled, Matrix(graph, weights.FromAttention!)]);
            output = graph.Node("Add", "both", [output, part]);
        }
        if (weights.FromItem is { } fromItem)
        {
            var item = LastOf(graph, "last_item", x, places);
            output = graph.Node(
                "Add",
                "all",
                [output, graph.Node("MatMul", "from_item", [item, Matrix(graph, fromItem)])]
            );
        }
        User(graph, weights, output);
        return graph.ToBytes();
    }

    /// <summary>
    /// The inputs, and of them the rows [B,L,D], the states of all places [B,L,D] and of each sequence's end [B,D], and
    /// the places' numbers.
    /// </summary>
    internal static (string Rows, string Hidden, string Last, string Places) States(
        OnnxGraph graph,
        EncoderWeights weights
    )
    {
        var x = graph.Input("vectors", OnnxFields.DataType.Float, "batch", "length", weights.Dimension);
        graph.Input("lengths", OnnxFields.DataType.Int64, "batch");
        var hidden = weights.HasLstm ? Lstm(graph, weights, x) : Convolution(graph, weights, x);
        var places = Places(graph);
        var atEnd = weights.HasLstm && weights.Gain is null;
        hidden = Normalised(graph, weights, x, hidden);
        return (x, hidden, atEnd ? "last" : LastOf(graph, "last_state", hidden, places), places);
    }

    /// <summary>h [B,L,D], and <c>last</c> [B,D], the state at each sequence's end.</summary>
    private static string Lstm(OnnxGraph graph, EncoderWeights weights, string x)
    {
        var d = weights.Dimension;
        graph.Constant("lstm_w", Transposed(weights.LstmInput!.Value), 1, 4 * d, d);
        graph.Constant("lstm_r", Transposed(weights.LstmState!.Value), 1, 4 * d, d);
        graph.Constant("lstm_b", [.. weights.LstmBias!.Value.Span, .. new float[4 * d]], 1, 8 * d);
        graph.Node("Transpose", "steps", [x], ("perm", new long[] { 1, 0, 2 }));
        graph.Node("Cast", "lengths32", ["lengths"], ("to", OnnxFields.DataType.Int32));
        graph.Node(
            "LSTM",
            ["states", "final"],
            ["steps", "lstm_w", "lstm_r", "lstm_b", "lengths32"],
            ("hidden_size", d)
        );
        graph.Constant("zero_axis", [0L], 1);
        graph.Node("Squeeze", "last", ["final", "zero_axis"]);
        graph.Constant("one_axis", [1L], 1);
        graph.Node("Squeeze", "flat_states", ["states", "one_axis"]);
        return graph.Node("Transpose", "hidden", ["flat_states"], ("perm", new long[] { 1, 0, 2 }));
    }

    /// <summary>h [B,L,D].</summary>
    private static string Convolution(OnnxGraph graph, EncoderWeights weights, string x)
    {
        var d = weights.Dimension;

        // Conv wants [out,in,kernel], kernel running from the oldest event to the newest.
        var kernel = new float[d * d * 3];
        for (var tap = 0; tap < 3; tap++)
        {
            var matrix = weights.Taps[2 - tap].Value.Span;
            for (var from = 0; from < d; from++)
            {
                for (var to = 0; to < d; to++)
                {
                    kernel[(((to * d) + from) * 3) + tap] = matrix[(from * d) + to];
                }
            }
        }
        graph.Constant("conv_w", kernel, d, d, 3);
        graph.Constant("conv_b", weights.ConvBias!.Value.Span, d);
        graph.Node("Transpose", "channels", [x], ("perm", new long[] { 0, 2, 1 }));
        graph.Node(
            "Conv",
            "convolved",
            ["channels", "conv_w", "conv_b"],
            ("kernel_shape", new long[] { 3 }),
            ("pads", new long[] { 2, 0 })
        );
        graph.Node("Tanh", "activated", ["convolved"]);
        return graph.Node("Transpose", "hidden", ["activated"], ("perm", new long[] { 0, 2, 1 }));
    }

    /// <summary>0, 1, …, L−1 as [1,L,1]; and <c>ends</c>, the lengths as [B,1,1].</summary>
    private static string Places(OnnxGraph graph)
    {
        graph.Constant("zero", [0L]);
        graph.Constant("one", [1L]);
        graph.Constant("outer_axes", [0L, 2L], 2);
        graph.Constant("inner_axes", [1L, 2L], 2);
        graph.Node("Shape", "length", ["vectors"], ("start", 1), ("end", 2));
        graph.Constant("scalar", ReadOnlySpan<long>.Empty, 0);
        graph.Node("Reshape", "length_scalar", ["length", "scalar"]);
        graph.Node("Range", "range", ["zero", "length_scalar", "one"]);
        graph.Node("Unsqueeze", "ends", ["lengths", "inner_axes"]);
        return graph.Node("Unsqueeze", "places", ["range", "outer_axes"]);
    }

    /// <summary>The hidden state at each sequence's end, [B,D].</summary>
    private static string LastOf(OnnxGraph graph, string name, string rows, string places)
    {
        graph.Node("Sub", name + "_place", ["ends", "one"]);
        graph.Node("Equal", name + "_there", [places, name + "_place"]);
        graph.Node("Cast", name + "_weight", [name + "_there"], ("to", OnnxFields.DataType.Float));
        graph.Node("Mul", name + "_only", [rows, name + "_weight"]);
        graph.Constant(name + "_axis", [1L], 1);
        return graph.Node("ReduceSum", name, [name + "_only", name + "_axis"], ("keepdims", 0));
    }

    /// <summary>norm(x + h) where the architecture has a residual, else h.</summary>
    internal static string Normalised(OnnxGraph graph, EncoderWeights weights, string x, string hidden)
    {
        if (weights.Gain is null)
        {
            return hidden;
        }
        graph.Node("Add", "residual", [x, hidden]);
        return graph.Node(
            "LayerNormalization",
            "normal",
            ["residual", Vector(graph, weights.Gain), Vector(graph, weights.Shift!)],
            ("axis", -1),
            ("epsilon", ResidualNorm.Epsilon)
        );
    }

    /// <summary>The output <c>user</c>: the bias added, and scaled where the softmax is a cosine one.</summary>
    internal static void User(OnnxGraph graph, EncoderWeights weights, string output)
    {
        var bias = Vector(graph, weights.OutputBias);
        if (weights.CosineScale == 0)
        {
            graph.Node("Add", "user", [output, bias]);
            return;
        }
        graph.Constant("cosine_scale", [weights.CosineScale]);
        graph.Constant("least_length", [UnitScale.Epsilon]);
        graph.Node("Add", "direction", [output, bias]);
        graph.Node("ReduceL2", "length_of_user", ["direction"], ("axes", new long[] { -1 }), ("keepdims", 1));
        graph.Node("Add", "positive_length", ["length_of_user", "least_length"]);
        graph.Node("Div", "unit_user", ["direction", "positive_length"]);
        graph.Node("Mul", "user", ["unit_user", "cosine_scale"]);
    }

    /// <summary>Σ softmax(s)_j·h_j over the events before padding, [B,D].</summary>
    private static string Attention(OnnxGraph graph, EncoderWeights weights, string hidden, string last, string places)
    {
        graph.Node("Mul", "weighted", [hidden, AttentionWeights(graph, weights, hidden, last, places)]);
        graph.Constant("pool_axis", [1L], 1);
        return graph.Node("ReduceSum", "pooled", ["weighted", "pool_axis"], ("keepdims", 0));
    }

    /// <summary>softmax(s) over the events before padding, [B,L,1]; 0 on padding.</summary>
    internal static string AttentionWeights(
        OnnxGraph graph,
        EncoderWeights weights,
        string hidden,
        string last,
        string places
    )
    {
        graph.Constant("excluded", [Excluded]);
        Scores(graph, weights, hidden, last);
        graph.Node("Less", "present", [places, "ends"]);
        graph.Node("Where", "masked", ["present", "scores", "excluded"]);
        return graph.Node("Softmax", "weights", ["masked"], ("axis", 1));
    }

    /// <summary><c>scores</c> [B,L,1]: h_j·a, or with q = h_t·Wq, q·h_j/√D or v·tanh(q + h_j·Wk).</summary>
    private static void Scores(OnnxGraph graph, EncoderWeights weights, string hidden, string last)
    {
        if (weights.Attention is { } vector)
        {
            graph.Constant("attention", vector.Value.Span, weights.Dimension, 1);
        }
        if (weights.Query is null)
        {
            graph.Node("MatMul", "scores", [hidden, "attention"]);
            return;
        }
        graph.Node("MatMul", "query", [last, Matrix(graph, weights.Query)]);
        if (weights.Key is null)
        {
            graph.Constant("query_axis", [2L], 1);
            graph.Constant("root", [MathF.Sqrt(weights.Dimension)]);
            graph.Node("Unsqueeze", "query_column", ["query", "query_axis"]);
            graph.Node("MatMul", "products", [hidden, "query_column"]);
            graph.Node("Div", "scores", ["products", "root"]);
            return;
        }
        graph.Constant("query_axis", [1L], 1);
        graph.Node("Unsqueeze", "query_row", ["query", "query_axis"]);
        graph.Node("MatMul", "keys", [hidden, Matrix(graph, weights.Key)]);
        graph.Node("Add", "query_and_key", ["keys", "query_row"]);
        graph.Node("Tanh", "score_states", ["query_and_key"]);
        graph.Node("MatMul", "scores", ["score_states", "attention"]);
    }

    internal static string Matrix(OnnxGraph graph, Parameter weight) =>
        graph.Constant(weight.Name, weight.Value.Span, weight.Value.Rows, weight.Value.Cols);

    internal static string Vector(OnnxGraph graph, Parameter weight) =>
        graph.Constant(weight.Name, weight.Value.Span, weight.Value.Cols);

    private static float[] Transposed(Matrix weight)
    {
        var result = new float[weight.Length];
        for (var row = 0; row < weight.Rows; row++)
        {
            for (var column = 0; column < weight.Cols; column++)
            {
                result[(column * weight.Rows) + row] = weight.Span[(row * weight.Cols) + column];
            }
        }
        return result;
    }
}
