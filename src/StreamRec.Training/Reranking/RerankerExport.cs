using StreamRec.Training.Export;

namespace StreamRec.Training.Reranking;

/// <summary>reranker.onnx: features [B,M,F] → scores [B,M], in float32.</summary>
internal static class RerankerExport
{
    public static byte[] Write(NetworkWeights weights)
    {
        var graph = new OnnxGraph("reranker");
        graph.Input("features", OnnxFields.DataType.Float, "batch", "candidates", weights.Features);
        graph.Output("scores", OnnxFields.DataType.Float, "batch", "candidates");
        graph.Constant("skip", weights.Skip.Span, weights.Features);
        graph.Constant("hidden_weight", weights.Hidden.Span, weights.Features, weights.Units);
        graph.Constant("hidden_bias", weights.Bias.Span, weights.Units);
        graph.Constant("output_weight", weights.Output.Span, weights.Units);
        graph.Node("MatMul", "products", ["features", "hidden_weight"]);
        graph.Node("Add", "sums", ["products", "hidden_bias"]);
        graph.Node("Relu", "hidden", ["sums"]);
        graph.Node("MatMul", "learnt", ["hidden", "output_weight"]);
        graph.Node("MatMul", "direct", ["features", "skip"]);
        graph.Node("Add", "scores", ["direct", "learnt"]);
        return graph.ToBytes();
    }
}
