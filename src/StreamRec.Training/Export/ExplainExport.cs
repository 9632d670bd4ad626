using StreamRec.Training.Networks;

namespace StreamRec.Training.Export;

/// <summary>
/// explain.onnx: rows of the item table [B,L,D] and lengths [B] → the share that attention gives each event [B,L], in
/// float32.
/// </summary>
internal static class ExplainExport
{
    /// <param name="weights">Of an architecture with attention.</param>
    public static byte[] Write(EncoderWeights weights)
    {
        var graph = new OnnxGraph("explain");
        var (_, hidden, last, places) = EncoderExport.States(graph, weights);
        var shares = EncoderExport.AttentionWeights(graph, weights, hidden, last, places);
        graph.Constant("share_axis", [2L], 1);
        graph.Output("shares", OnnxFields.DataType.Float, "batch", "length");
        graph.Node("Squeeze", "shares", [shares, "share_axis"]);
        return graph.ToBytes();
    }
}
