using Google.Protobuf;

namespace StreamRec.Onnx.Runtime;

/// <summary>
/// Looks through a model's protobuf for tensors whose data lie in other files: such a model could read any path.
/// </summary>
/// <remarks>
/// Every place in which onnx.proto3 (IR version 13) has a tensor: a new one must be added here before its IR
/// version is run.
/// </remarks>
internal static class OnnxModelScan
{
    private const int ModelGraph = 7,
        ModelTraining = 20,
        ModelFunctions = 25;
    private const int TrainingInitialization = 1,
        TrainingAlgorithm = 2;
    private const int GraphNode = 1,
        GraphInitializer = 5,
        GraphSparse = 15,
        FunctionNode = 7,
        FunctionDefault = 11;
    private const int NodeAttribute = 5;
    private const int AttributeTensor = 5,
        AttributeGraph = 6,
        AttributeTensors = 10,
        AttributeGraphs = 11;
    private const int AttributeSparse = 22,
        AttributeSparses = 23;
    private const int SparseValues = 1,
        SparseIndices = 2;
    private const int TensorExternalData = 13,
        TensorLocation = 14;
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

        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            int field = WireFormat.GetTagFieldNumber(tag);
            if (kind == Kind.Tensor && field == TensorExternalData)
            {
                return true;
            }

            if (
                kind == Kind.Tensor
                && field == TensorLocation
                && WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint
            )
            {
                if (input.ReadInt64() != 0)
                {
                    return true;
                }

                continue;
            }

            Kind child = Child(kind, field);
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
            (Kind.Model, ModelGraph) => Kind.Graph,
            (Kind.Model, ModelTraining) => Kind.Training,
            (Kind.Training, TrainingInitialization or TrainingAlgorithm) => Kind.Graph,
            (Kind.Model, ModelFunctions) => Kind.Function,
            (Kind.Graph, GraphNode) or (Kind.Function, FunctionNode) => Kind.Node,
            (Kind.Graph, GraphInitializer) => Kind.Tensor,
            (Kind.Graph, GraphSparse) => Kind.Sparse,
            (Kind.Node, NodeAttribute) or (Kind.Function, FunctionDefault) => Kind.Attribute,
            (Kind.Attribute, AttributeTensor or AttributeTensors) => Kind.Tensor,
            (Kind.Attribute, AttributeSparse or AttributeSparses) => Kind.Sparse,
            (Kind.Attribute, AttributeGraph or AttributeGraphs) => Kind.Graph,
            (Kind.Sparse, SparseValues or SparseIndices) => Kind.Tensor,
            _ => Kind.Other,
        };
}
