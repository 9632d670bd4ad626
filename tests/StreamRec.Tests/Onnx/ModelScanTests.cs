using Google.Protobuf;
using StreamRec.Onnx.Runtime;

namespace StreamRec.Tests.Onnx;

/// <summary>
/// A tensor whose data lie in another file is found wherever onnx.proto3 has tensors: else any file could become
/// weights.
/// </summary>
public sealed class ModelScanTests
{
    /// <summary>The fields that lead from the model to a tensor.</summary>
    public static TheoryData<string, int[]> Places =>
        new()
        {
            { "graph.initializer", [7, 5] },
            { "graph.sparse_initializer.values", [7, 15, 1] },
            { "graph.sparse_initializer.indices", [7, 15, 2] },
            { "node.attribute.t", [7, 1, 5, 5] },
            { "node.attribute.tensors", [7, 1, 5, 10] },
            { "node.attribute.sparse_tensor.values", [7, 1, 5, 22, 1] },
            { "node.attribute.sparse_tensor.indices", [7, 1, 5, 22, 2] },
            { "node.attribute.sparse_tensors.values", [7, 1, 5, 23, 1] },
            { "node.attribute.sparse_tensors.indices", [7, 1, 5, 23, 2] },
            { "node.attribute.g.initializer", [7, 1, 5, 6, 5] },
            { "node.attribute.graphs.sparse_initializer.values", [7, 1, 5, 11, 15, 1] },
            { "node.attribute.g.node.attribute.sparse_tensor.values", [7, 1, 5, 6, 1, 5, 22, 1] },
            { "functions.node.attribute.t", [25, 7, 5, 5] },
            { "functions.node.attribute.sparse_tensor.values", [25, 7, 5, 22, 1] },
            { "functions.attribute_proto.t", [25, 11, 5] },
            { "functions.attribute_proto.sparse_tensors.indices", [25, 11, 23, 2] },
            { "training_info.initialization.initializer", [20, 1, 5] },
            { "training_info.algorithm.node.attribute.sparse_tensor.values", [20, 2, 1, 5, 22, 1] },
        };

    [Theory]
    [MemberData(nameof(Places))]
    public void External_data_are_found_everywhere(string place, int[] fields)
    {
        const int externalData = 13,
            rawData = 9;
        byte[] located = [0x70, 1];

        Assert.True(OnnxModelScan.HasExternalData(At(fields, Field(externalData, "file"u8.ToArray()))), place);
        Assert.True(OnnxModelScan.HasExternalData(At(fields, located)), place);
        Assert.False(OnnxModelScan.HasExternalData(At(fields, Field(rawData, new byte[8]))), place);
    }

    private static byte[] At(int[] fields, byte[] tensor) =>
        fields.Reverse().Aggregate(tensor, (inner, field) => Field(field, inner));

    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }
        return stream.ToArray();
    }
}
