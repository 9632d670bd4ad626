using System.Runtime.InteropServices;
using Google.Protobuf;
using StreamRec.Onnx.Graphs;
using StreamRec.Onnx.Steps;
using StreamRec.Tests.Onnx;
using StreamRec.Training.Export;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Fuzzing;

/// <summary>Step graphs, as they are read and compiled beside ONNX Runtime.</summary>
internal sealed class StepGraphTarget : FuzzTarget
{
    private const int Dimension = 4;

    public override string Name => "step-graph";

    public override FuzzCorpus Corpus { get; } =
        new(
            [
                Graph(ModelOptions.LstmAttention),
                Graph(ModelOptions.LstmDense),
                Graph(ModelOptions.ConvolutionAttention),
            ],
            [
                [0x3A],
                [0x0A],
                [0x2A],
                [0x2A, 0],
                [0x0A, 0],
                [0x12, 0],
                [0x42, 2, 0x10, 17],
                [0x08, 8],
                [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
                "Split"u8.ToArray(),
                "Sum"u8.ToArray(),
                "axis"u8.ToArray(),
            ]
        );

    public override long FixedBytes => 65_536;

    // The smallest message has two bytes, and is read as an object, a list and a reader.
    public override long BytesPerByte => 512;

    public override object? Parse(ReadOnlyMemory<byte> input)
    {
        try
        {
            Assert.True(MemoryMarshal.TryGetArray(input, out var bytes));
            return OperatorGraphReader.Read(bytes);
        }
        catch (Exception fault) when (fault is UnsupportedGraphException or InvalidProtocolBufferException)
        {
            return null;
        }
    }

    public override bool Same(object first, object second) =>
        first is OperatorGraph one
        && second is OperatorGraph other
        && one.Nodes.Select(node => node.Operator).SequenceEqual(other.Nodes.Select(node => node.Operator))
        && one.Constants.Select(constant => constant.Name)
            .SequenceEqual(other.Constants.Select(constant => constant.Name))
        && one.Constants.SelectMany(constant => constant.Values)
            .SequenceEqual(other.Constants.SelectMany(constant => constant.Values));

    public override void Check(object parsed)
    {
        try
        {
            var program = StepCompiler.Compile(
                (OperatorGraph)parsed,
                Dimension,
                StepBundles.Items,
                new float[(StepBundles.Items + 1) * Dimension]
            );
            new StepProgramEncoder(program, StepBundles.Items).Step(
                [1, StepBundles.Items],
                [new float[14], new float[14]],
                new float[8]
            );
        }
        catch (UnsupportedGraphException) { }
    }

    private static byte[] Graph(string architecture) =>
        StepExport.Write(StepBundles.Weights(architecture, residual: true, lastItem: true, dimension: Dimension));
}
