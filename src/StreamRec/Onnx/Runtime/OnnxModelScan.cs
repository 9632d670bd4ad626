using Google.Protobuf;
using StreamRec.Training.Export;

namespace StreamRec.Onnx.Runtime;

/// <summary>
/// Looks through a model's protobuf for tensors whose data lie in other files: such a model could read any path.
/// </summary>
/// <remarks>
/// Every place in which onnx.proto3 has a tensor, by <see cref="OnnxFields"/>: one of a newer IR version must be added
/// before that version is run.
/// </remarks>
internal static class OnnxModelScan
{
    private const int MaxDepth = 32;

    private enum Kind
    {
        Model,
        Training,
        Graph,
        Function,
        Node,
        Attribute,
        Tensor,
        Sparse,
        Other,
    }

    /// <exception cref="InvalidProtocolBufferException">The bytes are no protobuf.</exception>
    public static bool HasExternalData(byte[] model) => Scan(new CodedInputStream(model), Kind.Model, 0);

    private static bool Scan(CodedInputStream input, Kind kind, int depth)
    {
        if (depth > MaxDepth)
        {
            return true;
        }
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            if (kind == Kind.Tensor && field == OnnxFields.Tensor.ExternalData)
            {
                return true;
            }
            if (
                kind == Kind.Tensor
                && field == OnnxFields.Tensor.DataLocation
                && WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint
            )
            {
                if (input.ReadInt64() != 0)
                {
                    return true;
                }
                continue;
            }
            var child = Child(kind, field);
            if (child == Kind.Other || WireFormat.GetTagWireType(tag) != WireFormat.WireType.LengthDelimited)
            {
                input.SkipLastField();
            }
            else if (Scan(input.ReadBytes().CreateCodedInput(), child, depth + 1))
            {
                return true;
            }
        }
        return false;
    }

    private static Kind Child(Kind kind, int field) =>
        (kind, field) switch
        {
            (Kind.Model, OnnxFields.Model.Graph) => Kind.Graph,
            (Kind.Model, OnnxFields.Model.TrainingInfo) => Kind.Training,
            (Kind.Training, OnnxFields.Training.Initialization or OnnxFields.Training.Algorithm) => Kind.Graph,
            (Kind.Model, OnnxFields.Model.Functions) => Kind.Function,
            (Kind.Graph, OnnxFields.Graph.Node) or (Kind.Function, OnnxFields.Function.Node) => Kind.Node,
            (Kind.Graph, OnnxFields.Graph.Initializer) => Kind.Tensor,
            (Kind.Graph, OnnxFields.Graph.SparseInitializer) => Kind.Sparse,
            (Kind.Node, OnnxFields.Node.Attribute) or (Kind.Function, OnnxFields.Function.AttributeDefault) =>
                Kind.Attribute,
            (Kind.Attribute, OnnxFields.Attribute.Tensor or OnnxFields.Attribute.Tensors) => Kind.Tensor,
            (Kind.Attribute, OnnxFields.Attribute.SparseTensor or OnnxFields.Attribute.SparseTensors) => Kind.Sparse,
            (Kind.Attribute, OnnxFields.Attribute.Graph or OnnxFields.Attribute.Graphs) => Kind.Graph,
            (Kind.Sparse, OnnxFields.SparseTensor.Values or OnnxFields.SparseTensor.Indices) => Kind.Tensor,
            _ => Kind.Other,
        };
}
