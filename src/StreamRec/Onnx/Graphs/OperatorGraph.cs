namespace StreamRec.Onnx.Graphs;

/// <summary>
/// A graph of standard operators (opset 17): nodes in the order in which they can be run, constants, names of inputs
/// and outputs.
/// </summary>
internal sealed record OperatorGraph(
    IReadOnlyList<OperatorNode> Nodes,
    IReadOnlyList<ConstantTensor> Constants,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs
);

/// <param name="Attributes">By name: a <see cref="long"/>, a <see cref="float"/> or a <see cref="long"/>[].</param>
internal sealed record OperatorNode(
    string Operator,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyDictionary<string, object> Attributes
);

/// <summary>A float32 constant, row-major; its shape has no sizes where it is one number.</summary>
internal sealed record ConstantTensor(string Name, int[] Shape, float[] Values);
