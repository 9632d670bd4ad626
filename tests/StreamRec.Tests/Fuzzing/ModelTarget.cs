using Google.Protobuf;
using StreamRec.Onnx.Runtime;

namespace StreamRec.Tests.Fuzzing;

/// <summary>ONNX files, before ONNX Runtime sees them: do they name files outside the bundle?</summary>
internal sealed class ModelTarget : FuzzTarget
{
    public override string Name => "model";

    public override FuzzCorpus Corpus { get; } =
        new(
            [Model(external: false), Model(external: true), [0x3A, 4, 0x2A, 2, 0x70, 1]],
            [
                [0x6A, 0],
                [0x70, 1],
                [0x3A],
                [0x2A],
                [0x0A],
                [0x32],
                [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
                [0x0B],
                [0x0C],
            ]
        );

    // Each level copies what is inside it, at most 32 deep.
    public override long FixedBytes => 16_384;

    public override long BytesPerByte => 34;

    public override object? Parse(ReadOnlyMemory<byte> input)
    {
        try
        {
            return OnnxModelScan.HasExternalData(input.ToArray());
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    public override bool Same(object first, object second) => first.Equals(second);

    public override void Check(object parsed) { }

    /// <summary>model { graph { node { attribute { graph { initializer } } } initializer… } }</summary>
    private static byte[] Model(bool external)
    {
        var tensor = external ? Field(8, "w"u8.ToArray(), Field(13, "file"u8.ToArray())) : Field(8, "w"u8.ToArray());
        var inner = Field(7, Field(1, Field(5, Field(6, Field(5, tensor)))));
        return [.. inner, .. Field(7, Field(5, Field(9, new byte[32])))];
    }

    private static byte[] Field(int number, params byte[][] contents)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom([.. contents.SelectMany(bytes => bytes)]));
        }
        return stream.ToArray();
    }
}
