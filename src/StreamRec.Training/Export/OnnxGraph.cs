using System.Runtime.InteropServices;
using Google.Protobuf;

namespace StreamRec.Training.Export;

/// <summary>Writes an ONNX model (opset 17) field by field. Field numbers are those of onnx.proto3.</summary>
internal sealed class OnnxGraph(string name)
{
    public const int Float = 1,
        Int32 = 6,
        Int64 = 7;
    private const int IrVersion = 8,
        Opset = 17;

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
        Initializer(constant, Float, MemoryMarshal.AsBytes(values), shape);

    public string Constant(string constant, ReadOnlySpan<long> values, params long[] shape) =>
        Initializer(constant, Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a node with one output, named like the node.</summary>
    public string Node(string op, string output, string[] inputs, params (string Name, object Value)[] attributes) =>
        Node(op, [output], inputs, attributes)[0];

    public string[] Node(string op, string[] outputs, string[] inputs, params (string Name, object Value)[] attributes)
    {
        _nodes.Add(
            Message(node =>
            {
                Array.ForEach(inputs, input => Text(node, 1, input));
                Array.ForEach(outputs, output => Text(node, 2, output));
                Text(node, 3, outputs.First(output => output.Length > 0));
                Text(node, 4, op);
                Array.ForEach(attributes, attribute => Bytes(node, 5, Attribute(attribute.Name, attribute.Value)));
            })
        );
        return outputs;
    }

    public byte[] ToBytes() =>
        Message(model =>
        {
            Number(model, 1, IrVersion);
            Text(model, 2, "streamrec");
            Bytes(
                model,
                7,
                Message(graph =>
                {
                    _nodes.ForEach(node => Bytes(graph, 1, node));
                    Text(graph, 2, name);
                    _initializers.ForEach(initializer => Bytes(graph, 5, initializer));
                    _inputs.ForEach(input => Bytes(graph, 11, input));
                    _outputs.ForEach(output => Bytes(graph, 12, output));
                })
            );
            Bytes(model, 8, Message(opset => Number(opset, 2, Opset)));
        });

    private string Initializer(string constant, int type, ReadOnlySpan<byte> littleEndian, long[] shape)
    {
        byte[] data = littleEndian.ToArray();
        _initializers.Add(
            Message(tensor =>
            {
                Array.ForEach(shape, size => Number(tensor, 1, size));
                Number(tensor, 2, type);
                Text(tensor, 8, constant);
                Bytes(tensor, 9, data);
            })
        );
        return constant;
    }

    private static byte[] Attribute(string name, object value) =>
        Message(attribute =>
        {
            const int FloatType = 1,
                IntType = 2,
                IntsType = 7;
            Text(attribute, 1, name);
            if (value is long[] numbers)
            {
                Array.ForEach(numbers, number => Number(attribute, 8, number));
                Number(attribute, 20, IntsType);
            }
            else if (value is float real)
            {
                attribute.WriteTag(2, WireFormat.WireType.Fixed32);
                attribute.WriteFloat(real);
                Number(attribute, 20, FloatType);
            }
            else
            {
                Number(attribute, 3, Convert.ToInt64(value));
                Number(attribute, 20, IntType);
            }
        });

    private static byte[] ValueInfo(string name, int type, object[] shape)
    {
        byte[] dimensions = Message(sizes =>
            Array.ForEach(
                shape,
                size =>
                    Bytes(
                        sizes,
                        1,
                        Message(dimension =>
                        {
                            if (size is string symbol)
                            {
                                Text(dimension, 2, symbol);
                            }
                            else
                            {
                                Number(dimension, 1, Convert.ToInt64(size));
                            }
                        })
                    )
            )
        );
        byte[] tensor = Message(tensor =>
        {
            Number(tensor, 1, type);
            Bytes(tensor, 2, dimensions);
        });
        return Message(info =>
        {
            Text(info, 1, name);
            Bytes(info, 2, Message(kind => Bytes(kind, 1, tensor)));
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
