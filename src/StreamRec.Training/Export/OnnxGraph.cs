using System.Runtime.InteropServices;
using Google.Protobuf;

namespace StreamRec.Training.Export;

/// <summary>Writes an ONNX model (opset 17) field by field.</summary>
internal sealed class OnnxGraph(string name)
{
    private const int IrVersion = 8,
        OpsetVersion = 17;

    private readonly List<byte[]> _nodes = [],
        _initializers = [],
        _inputs = [],
        _outputs = [];

    /// <summary>An input of the given shape: numbers, or names of dynamic sizes.</summary>
    public string Input(string input, int type, params object[] shape)
    {
        _inputs.Add(ValueInfo(input, type, shape));
        return input;
    }

    public void Output(string output, int type, params object[] shape) => _outputs.Add(ValueInfo(output, type, shape));

    public string Constant(string constant, ReadOnlySpan<float> values, params long[] shape) =>
        Initializer(constant, OnnxFields.DataType.Float, MemoryMarshal.AsBytes(values), shape);

    public string Constant(string constant, ReadOnlySpan<long> values, params long[] shape) =>
        Initializer(constant, OnnxFields.DataType.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a node with one output, named like the node.</summary>
    public string Node(string op, string output, string[] inputs, params (string Name, object Value)[] attributes) =>
        Node(op, [output], inputs, attributes)[0];

    public string[] Node(string op, string[] outputs, string[] inputs, params (string Name, object Value)[] attributes)
    {
        _nodes.Add(
            Message(node =>
            {
                Array.ForEach(inputs, input => Text(node, OnnxFields.Node.Input, input));
                Array.ForEach(outputs, output => Text(node, OnnxFields.Node.Output, output));
                Text(node, OnnxFields.Node.Name, outputs.First(output => output.Length > 0));
                Text(node, OnnxFields.Node.Kind, op);
                Array.ForEach(
                    attributes,
                    attribute => Bytes(node, OnnxFields.Node.Attribute, Attribute(attribute.Name, attribute.Value))
                );
            })
        );
        return outputs;
    }

    public byte[] ToBytes() =>
        Message(model =>
        {
            Number(model, OnnxFields.Model.IrVersion, IrVersion);
            Text(model, OnnxFields.Model.ProducerName, "streamrec");
            Bytes(
                model,
                OnnxFields.Model.Graph,
                Message(graph =>
                {
                    _nodes.ForEach(node => Bytes(graph, OnnxFields.Graph.Node, node));
                    Text(graph, OnnxFields.Graph.Name, name);
                    _initializers.ForEach(initializer => Bytes(graph, OnnxFields.Graph.Initializer, initializer));
                    _inputs.ForEach(input => Bytes(graph, OnnxFields.Graph.Input, input));
                    _outputs.ForEach(output => Bytes(graph, OnnxFields.Graph.Output, output));
                })
            );
            Bytes(
                model,
                OnnxFields.Model.OpsetImport,
                Message(opset => Number(opset, OnnxFields.Opset.Version, OpsetVersion))
            );
        });

    private string Initializer(string constant, int type, ReadOnlySpan<byte> littleEndian, long[] shape)
    {
        var data = littleEndian.ToArray();
        _initializers.Add(
            Message(tensor =>
            {
                Array.ForEach(shape, size => Number(tensor, OnnxFields.Tensor.Dims, size));
                Number(tensor, OnnxFields.Tensor.DataType, type);
                Text(tensor, OnnxFields.Tensor.Name, constant);
                Bytes(tensor, OnnxFields.Tensor.RawData, data);
            })
        );
        return constant;
    }

    private static byte[] Attribute(string name, object value) =>
        Message(attribute =>
        {
            Text(attribute, OnnxFields.Attribute.Name, name);
            if (value is long[] numbers)
            {
                Array.ForEach(numbers, number => Number(attribute, OnnxFields.Attribute.Ints, number));
                Number(attribute, OnnxFields.Attribute.Type, OnnxFields.AttributeType.Ints);
            }
            else if (value is float real)
            {
                attribute.WriteTag(OnnxFields.Attribute.Float, WireFormat.WireType.Fixed32);
                attribute.WriteFloat(real);
                Number(attribute, OnnxFields.Attribute.Type, OnnxFields.AttributeType.Float);
            }
            else
            {
                Number(attribute, OnnxFields.Attribute.Int, Convert.ToInt64(value));
                Number(attribute, OnnxFields.Attribute.Type, OnnxFields.AttributeType.Int);
            }
        });

    private static byte[] ValueInfo(string name, int type, object[] shape)
    {
        var dimensions = Message(sizes =>
            Array.ForEach(
                shape,
                size =>
                    Bytes(
                        sizes,
                        OnnxFields.Shape.Dimension,
                        Message(dimension =>
                        {
                            if (size is string symbol)
                            {
                                Text(dimension, OnnxFields.Dimension.Symbol, symbol);
                            }
                            else
                            {
                                Number(dimension, OnnxFields.Dimension.Value, Convert.ToInt64(size));
                            }
                        })
                    )
            )
        );
        var tensor = Message(tensor =>
        {
            Number(tensor, OnnxFields.TensorType.ElementType, type);
            Bytes(tensor, OnnxFields.TensorType.Shape, dimensions);
        });
        return Message(info =>
        {
            Text(info, OnnxFields.ValueInfo.Name, name);
            Bytes(info, OnnxFields.ValueInfo.Type, Message(kind => Bytes(kind, OnnxFields.ValueType.Tensor, tensor)));
        });
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true))
        {
            write(output);
        }
        return memory.ToArray();
    }

    private static void Number(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    private static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
    }
}
