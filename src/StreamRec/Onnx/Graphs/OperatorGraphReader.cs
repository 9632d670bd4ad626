using Google.Protobuf;

namespace StreamRec.Onnx.Graphs;

/// <summary>
/// Reads ONNX files as our exporter writes them: IR version 8, opset 17, float32 constants, no functions, subgraphs,
/// types of inner values or quantisation. Field numbers are those of onnx.proto3. Whatever else there is in a file
/// refuses it.
/// </summary>
internal static class OperatorGraphReader
{
    private const long IrVersion = 8,
        Opset = 17,
        FloatTensor = 1;
    private const long FloatAttribute = 1,
        IntAttribute = 2,
        IntsAttribute = 7;

    /// <exception cref="UnsupportedGraphException">The file has something else.</exception>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no protobuf.</exception>
    public static OperatorGraph Read(ArraySegment<byte> file)
    {
        // ir_version, producer_name, producer_version, domain, model_version, doc_string, graph; opset_import.
        var model = new ProtoMessage("the model", file, once: [1, 2, 3, 4, 5, 6, 7], repeated: [8]);
        if (model.Number(1) != IrVersion)
        {
            throw model.Refused($"has IR version {model.Number(1)}");
        }

        ProtoMessage[] opsets =
        [
            .. model.Messages(8).Select(bytes => new ProtoMessage("an opset", bytes, once: [1, 2], repeated: [])),
        ];
        if (opsets is not [ProtoMessage opset] || opset.Text(1).Length > 0 || opset.Number(2) != Opset)
        {
            throw model.Refused($"is not of opset {Opset} alone");
        }

        // name, doc_string; node, initializer, input, output.
        ArraySegment<byte>[] graphs = [.. model.Messages(7)];
        var graph = new ProtoMessage(
            "the graph",
            graphs is [ArraySegment<byte> one] ? one : throw model.Refused("has no graph"),
            once: [2, 10],
            repeated: [1, 5, 11, 12]
        );
        return new OperatorGraph(
            [.. graph.Messages(1).Select(Node)],
            [.. graph.Messages(5).Select(Tensor)],
            [.. graph.Messages(11).Select(Named)],
            [.. graph.Messages(12).Select(Named)]
        );
    }

    // Types and shapes of inputs and outputs are those of the contract, as ONNX Runtime saw them.
    private static string Named(ArraySegment<byte> bytes) =>
        new ProtoMessage("an input or output", bytes, once: [1, 2, 3], repeated: []).Text(1);

    private static OperatorNode Node(ArraySegment<byte> bytes)
    {
        // name, op_type, doc_string, domain; input, output, attribute.
        var node = new ProtoMessage("a node", bytes, once: [3, 4, 6, 7], repeated: [1, 2, 5]);
        string kind = node.Text(4);
        if (node.Text(7).Length > 0)
        {
            throw node.Refused($"{kind} is of domain {node.Text(7)}");
        }

        var attributes = new Dictionary<string, object>();
        foreach (ArraySegment<byte> attribute in node.Messages(5))
        {
            (string name, object value) = Attribute(kind, attribute);
            if (!attributes.TryAdd(name, value))
            {
                throw node.Refused($"{kind} has attribute {name} twice");
            }
        }

        return new OperatorNode(kind, node.Texts(1), node.Texts(2), attributes);
    }

    private static (string Name, object Value) Attribute(string kind, ArraySegment<byte> bytes)
    {
        // name, f, i, type; ints.
        var attribute = new ProtoMessage($"an attribute of {kind}", bytes, once: [1, 2, 3, 20], repeated: [8]);
        (long? type, bool real, bool whole, bool several) = (
            attribute.Number(20),
            attribute.Has(2),
            attribute.Has(3),
            attribute.Has(8)
        );
        object value = (type, real, whole, several) switch
        {
            (FloatAttribute, true, false, false) => attribute.Float(2),
            (IntAttribute, false, true, false) => attribute.Number(3)!.Value,
            (IntsAttribute, false, false, _) => attribute.Numbers(8),
            _ => throw attribute.Refused($"is of type {type}"),
        };
        return (attribute.Text(1), value);
    }

    private static ConstantTensor Tensor(ArraySegment<byte> bytes)
    {
        // data_type, float_data (packed), name, raw_data, doc_string; dims.
        var tensor = new ProtoMessage("a constant", bytes, once: [2, 4, 8, 9, 12], repeated: [1]);
        string name = tensor.Text(8);
        if (tensor.Number(2) != FloatTensor || tensor.Has(4) == tensor.Has(9))
        {
            throw tensor.Refused($"{name} is of type {tensor.Number(2)}, or not in one piece");
        }

        float[] values = tensor.Floats(tensor.Has(9) ? 9 : 4);
        long[] shape = tensor.Numbers(1);
        bool sound = shape.All(size => size is > 0 and <= int.MaxValue);
        if (!sound || shape.Aggregate(1L, (all, size) => Math.Min(all * size, int.MaxValue)) != values.Length)
        {
            throw tensor.Refused($"{name} [{string.Join(",", shape)}] has {values.Length} values");
        }

        return new ConstantTensor(name, Array.ConvertAll(shape, size => (int)size), values);
    }
}
