using StreamRec.Training.Networks;

namespace StreamRec.Training.Export;

/// <summary>
/// step.onnx: one event. Inputs vector, h, c, A [B,D], Z, m [B,1]; outputs user, h_out, c_out, A_out [B,D], Z_out,
/// m_out. The state before the first event is zero, and m is −1e30. A convolution keeps x_(t−1) in h and x_(t−2) in c.
/// </summary>
internal static class StepExport
{
    public static byte[] Write(EncoderWeights weights)
    {
        var d = weights.Dimension;
        var graph = new OnnxGraph("step");
        var x = graph.Input("vector", OnnxFields.DataType.Float, "batch", d);
        foreach ((var name, var width) in ((string, int)[])[("h", d), ("c", d), ("A", d), ("Z", 1), ("m", 1)])
        {
            graph.Input(name, OnnxFields.DataType.Float, "batch", width);
            graph.Output(name + "_out", OnnxFields.DataType.Float, "batch", width);
        }
        graph.Output("user", OnnxFields.DataType.Float, "batch", d);
        var hidden = weights.HasLstm ? Lstm(graph, weights, x) : Convolution(graph, weights, x);
        hidden = EncoderExport.Normalised(graph, weights, x, hidden);
        var output = graph.Node("MatMul", "from_last", [hidden, EncoderExport.Matrix(graph, weights.FromLast)]);
        if (weights.HasAttention)
        {
            Attention(graph, weights, hidden);
            graph.Node("MatMul", "from_pooled", ["pooled", EncoderExport.Matrix(graph, weights.FromAttention!)]);
            output = graph.Node("Add", "both", [output, "from_pooled"]);
        }
        else
        {
            foreach (var name in (string[])["A", "Z", "m"])
            {
                graph.Node("Identity", name + "_out", [name]);
            }
        }
        if (weights.FromItem is { } fromItem)
        {
            var part = graph.Node("MatMul", "from_item", [x, EncoderExport.Matrix(graph, fromItem)]);
            output = graph.Node("Add", "all", [output, part]);
        }
        EncoderExport.User(graph, weights, output);
        return graph.ToBytes();
    }

    private static string Lstm(OnnxGraph graph, EncoderWeights weights, string x)
    {
        graph.Node("MatMul", "from_x", [x, EncoderExport.Matrix(graph, weights.LstmInput!)]);
        graph.Node("MatMul", "from_h", ["h", EncoderExport.Matrix(graph, weights.LstmState!)]);
        graph.Node("Add", "sum", ["from_x", "from_h"]);
        graph.Node("Add", "z", ["sum", EncoderExport.Vector(graph, weights.LstmBias!)]);
        graph.Node("Split", ["zi", "zo", "zf", "zg"], ["z"], ("axis", 1));
        foreach (var gate in (string[])["i", "o", "f"])
        {
            graph.Node("Sigmoid", gate, ["z" + gate]);
        }
        graph.Node("Tanh", "g", ["zg"]);
        graph.Node("Mul", "kept", ["f", "c"]);
        graph.Node("Mul", "added", ["i", "g"]);
        graph.Node("Add", "c_out", ["kept", "added"]);
        graph.Node("Tanh", "tanh_c", ["c_out"]);
        return graph.Node("Mul", "h_out", ["o", "tanh_c"]);
    }

    private static string Convolution(OnnxGraph graph, EncoderWeights weights, string x)
    {
        graph.Node("MatMul", "tap0", [x, EncoderExport.Matrix(graph, weights.Taps[0])]);
        graph.Node("MatMul", "tap1", ["h", EncoderExport.Matrix(graph, weights.Taps[1])]);
        graph.Node("MatMul", "tap2", ["c", EncoderExport.Matrix(graph, weights.Taps[2])]);
        graph.Node("Sum", "taps", ["tap0", "tap1", "tap2", EncoderExport.Vector(graph, weights.ConvBias!)]);
        graph.Node("Identity", "h_out", [x]);
        graph.Node("Identity", "c_out", ["h"]);
        return graph.Node("Tanh", "hidden", ["taps"]);
    }

    /// <summary>m' = max(m, s); A' = A·e^(m−m') + h·e^(s−m'); Z' = Z·e^(m−m') + e^(s−m'); pooled = A'/Z'.</summary>
    private static void Attention(OnnxGraph graph, EncoderWeights weights, string hidden)
    {
        graph.Constant("attention", weights.Attention!.Value.Span, weights.Dimension, 1);
        graph.Node("MatMul", "score", [hidden, "attention"]);
        graph.Node("Max", "m_out", ["m", "score"]);
        graph.Node("Sub", "old_gap", ["m", "m_out"]);
        graph.Node("Exp", "keep", ["old_gap"]);
        graph.Node("Sub", "new_gap", ["score", "m_out"]);
        graph.Node("Exp", "take", ["new_gap"]);
        graph.Node("Mul", "A_kept", ["A", "keep"]);
        graph.Node("Mul", "A_added", [hidden, "take"]);
        graph.Node("Add", "A_out", ["A_kept", "A_added"]);
        graph.Node("Mul", "Z_kept", ["Z", "keep"]);
        graph.Node("Add", "Z_out", ["Z_kept", "take"]);
        graph.Node("Div", "pooled", ["A_out", "Z_out"]);
    }
}
