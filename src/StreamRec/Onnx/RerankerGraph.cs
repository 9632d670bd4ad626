using StreamRec.Onnx.Graphs;
using StreamRec.Reranking;

namespace StreamRec.Onnx;

/// <summary>
/// Reads reranker.onnx as our exporter writes it, scores = features·a + max(0, features·B + c)·w; any other graph is
/// refused.
/// </summary>
internal static class RerankerGraph
{
    // Operator, inputs, output.
    private static readonly (string Operator, string[] Inputs, string Output)[] s_nodes =
    [
        ("MatMul", ["features", "hidden_weight"], "products"),
        ("Add", ["products", "hidden_bias"], "sums"),
        ("Relu", ["sums"], "hidden"),
        ("MatMul", ["hidden", "output_weight"], "learnt"),
        ("MatMul", ["features", "skip"], "direct"),
        ("Add", ["direct", "learnt"], "scores"),
    ];

    /// <param name="features">F, by the manifest.</param>
    /// <exception cref="UnsupportedGraphException">It is another graph.</exception>
    public static RerankingNetwork Read(byte[] file, int features)
    {
        var graph = OperatorGraphReader.Read(file);
        if (!graph.Inputs.SequenceEqual(["features"]) || !graph.Outputs.SequenceEqual(["scores"]))
        {
            throw new UnsupportedGraphException("it does not lead from features to scores");
        }
        if (graph.Nodes.Count != s_nodes.Length || !graph.Nodes.Zip(s_nodes).All(pair => Same(pair.First, pair.Second)))
        {
            throw new UnsupportedGraphException("its operators are not those of a re-ranker");
        }
        var outputs = Constant(graph, "output_weight", shape => shape.Length == 1);
        return new RerankingNetwork(
            Constant(graph, "skip", shape => shape is [var f] && f == features),
            Constant(
                graph,
                "hidden_weight",
                shape => shape is [var f, var units] && f == features && units == outputs.Length
            ),
            Constant(graph, "hidden_bias", shape => shape is [var units] && units == outputs.Length),
            outputs
        );
    }

    private static bool Same(OperatorNode node, (string Operator, string[] Inputs, string Output) wanted) =>
        node.Operator == wanted.Operator
        && node.Inputs.SequenceEqual(wanted.Inputs)
        && node.Outputs.SequenceEqual([wanted.Output])
        && node.Attributes.Count == 0;

    private static float[] Constant(OperatorGraph graph, string name, Func<int[], bool> shaped) =>
        graph.Constants.Where(constant => constant.Name == name).ToArray() is [var one]
        && shaped(one.Shape)
        && Array.TrueForAll(one.Values, float.IsFinite)
            ? one.Values
            : throw new UnsupportedGraphException(
                $"its {name} is missing, or of another shape than the manifest's features need"
            );
}
