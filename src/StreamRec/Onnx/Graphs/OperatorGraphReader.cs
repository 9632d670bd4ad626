using Google.Protobuf;
using StreamRec.Training.Export;

namespace StreamRec.Onnx.Graphs;

/// <summary>
/// Reads ONNX files as our exporter writes them: IR version 8, opset 17, float32 constants, no functions, subgraphs,
/// types of inner values or quantisation. Whatever else there is in a file
/// refuses it.
/// </summary>
internal static class OperatorGraphReader
{
    private const long IrVersion = 8,
        OpsetVersion = 17;

    /// <exception cref="UnsupportedGraphException">The file has something else.</exception>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no protobuf.</exception>
    public static OperatorGraph Read(ArraySegment<byte> file)
    {
        var model = new ProtoMessage(
            "the model",
            file,
            once:
            [
                OnnxFields.Model.IrVersion,
                OnnxFields.Model.ProducerName,
                OnnxFields.Model.ProducerVersion,
                OnnxFields.Model.Domain,
                OnnxFields.Model.ModelVersion,
                OnnxFields.Model.DocString,
                OnnxFields.Model.Graph,
            ],
            repeated: [OnnxFields.Model.OpsetImport]
        );
        if (model.Number(OnnxFields.Model.IrVersion) != IrVersion)
        {
            throw model.Refused($"has IR version {model.Number(OnnxFields.Model.IrVersion)}");
        }
        ProtoMessage[] opsets =
        [
            .. model
                .Messages(OnnxFields.Model.OpsetImport)
                .Select(bytes => new ProtoMessage(
                    "an opset",
                    bytes,
                    once: [OnnxFields.Opset.Domain, OnnxFields.Opset.Version],
                    repeated: []
                )),
        ];
        if (
            opsets is not [ProtoMessage opset]
            || opset.Text(OnnxFields.Opset.Domain).Length > 0
            || opset.Number(OnnxFields.Opset.Version) != OpsetVersion
        )
        {
            throw model.Refused($"is not of opset {OpsetVersion} alone");
        }
        ArraySegment<byte>[] graphs = [.. model.Messages(OnnxFields.Model.Graph)];
        var graph = new ProtoMessage(
            "the graph",
            graphs is [ArraySegment<byte> one] ? one : throw model.Refused("has no graph"),
            once: [OnnxFields.Graph.Name, OnnxFields.Graph.DocString],
            repeated:
            [
                OnnxFields.Graph.Node,
                OnnxFields.Graph.Initializer,
                OnnxFields.Graph.Input,
                OnnxFields.Graph.Output,
            ]
        );
        return new OperatorGraph(
            [.. graph.Messages(OnnxFields.Graph.Node).Select(Node)],
            [.. graph.Messages(OnnxFields.Graph.Initializer).Select(Tensor)],
            [.. graph.Messages(OnnxFields.Graph.Input).Select(Named)],
            [.. graph.Messages(OnnxFields.Graph.Output).Select(Named)]
        );
    }

    // Types and shapes of inputs and outputs are those of the contract, as ONNX Runtime saw them.
    private static string Named(ArraySegment<byte> bytes) =>
        new ProtoMessage(
            "an input or output",
            bytes,
            once: [OnnxFields.ValueInfo.Name, OnnxFields.ValueInfo.Type, OnnxFields.ValueInfo.DocString],
            repeated: []
        ).Text(OnnxFields.ValueInfo.Name);

    private static OperatorNode Node(ArraySegment<byte> bytes)
    {
        var node = new ProtoMessage(
            "a node",
            bytes,
            once: [OnnxFields.Node.Name, OnnxFields.Node.Kind, OnnxFields.Node.DocString, OnnxFields.Node.Domain],
            repeated: [OnnxFields.Node.Input, OnnxFields.Node.Output, OnnxFields.Node.Attribute]
        );
        var kind = node.Text(OnnxFields.Node.Kind);
        if (node.Text(OnnxFields.Node.Domain).Length > 0)
        {
            throw node.Refused($"{kind} is of domain {node.Text(OnnxFields.Node.Domain)}");
        }
        var attributes = new Dictionary<string, object>();
        foreach (var attribute in node.Messages(OnnxFields.Node.Attribute))
        {
            (var name, var value) = Attribute(kind, attribute);
            if (!attributes.TryAdd(name, value))
            {
                throw node.Refused($"{kind} has attribute {name} twice");
            }
        }
        return new OperatorNode(
            kind,
            node.Texts(OnnxFields.Node.Input),
            node.Texts(OnnxFields.Node.Output),
            attributes
        );
    }

    private static (string Name, object Value) Attribute(string kind, ArraySegment<byte> bytes)
    {
        var attribute = new ProtoMessage(
            $"an attribute of {kind}",
            bytes,
            once:
            [
                OnnxFields.Attribute.Name,
                OnnxFields.Attribute.Float,
                OnnxFields.Attribute.Int,
                OnnxFields.Attribute.Type,
            ],
            repeated: [OnnxFields.Attribute.Ints]
        );
        (var type, var real, var whole, var several) = (
            attribute.Number(OnnxFields.Attribute.Type),
            attribute.Has(OnnxFields.Attribute.Float),
            attribute.Has(OnnxFields.Attribute.Int),
            attribute.Has(OnnxFields.Attribute.Ints)
        );
        object value = (type, real, whole, several) switch
        {
            (OnnxFields.AttributeType.Float, true, false, false) => attribute.Float(OnnxFields.Attribute.Float),
            (OnnxFields.AttributeType.Int, false, true, false) => attribute.Number(OnnxFields.Attribute.Int)!.Value,
            (OnnxFields.AttributeType.Ints, false, false, _) => attribute.Numbers(OnnxFields.Attribute.Ints),
            _ => throw attribute.Refused($"is of type {type}"),
        };
        return (attribute.Text(OnnxFields.Attribute.Name), value);
    }

    private static ConstantTensor Tensor(ArraySegment<byte> bytes)
    {
        var tensor = new ProtoMessage(
            "a constant",
            bytes,
            once:
            [
                OnnxFields.Tensor.DataType,
                OnnxFields.Tensor.FloatData,
                OnnxFields.Tensor.Name,
                OnnxFields.Tensor.RawData,
                OnnxFields.Tensor.DocString,
            ],
            repeated: [OnnxFields.Tensor.Dims]
        );
        var name = tensor.Text(OnnxFields.Tensor.Name);
        if (
            tensor.Number(OnnxFields.Tensor.DataType) != OnnxFields.DataType.Float
            || tensor.Has(OnnxFields.Tensor.FloatData) == tensor.Has(OnnxFields.Tensor.RawData)
        )
        {
            throw tensor.Refused($"{name} is of type {tensor.Number(OnnxFields.Tensor.DataType)}, or not in one piece");
        }
        var values = tensor.Floats(
            tensor.Has(OnnxFields.Tensor.RawData) ? OnnxFields.Tensor.RawData : OnnxFields.Tensor.FloatData
        );
        var shape = tensor.Numbers(OnnxFields.Tensor.Dims);
        var sound = shape.All(size => size is > 0 and <= int.MaxValue);
        if (!sound || shape.Aggregate(1L, (all, size) => Math.Min(all * size, int.MaxValue)) != values.Length)
        {
            throw tensor.Refused($"{name} [{string.Join(",", shape)}] has {values.Length} values");
        }
        return new ConstantTensor(name, Array.ConvertAll(shape, size => (int)size), values);
    }
}
