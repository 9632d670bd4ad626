using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Wire = Google.Protobuf.WireFormat.WireType;

namespace StreamRec.Onnx.Graphs;

/// <summary>
/// A protobuf message's fields, none of which is unknown; nested messages are slices of the same bytes.
/// </summary>
internal sealed class ProtoMessage
{
    private readonly string _what;
    private readonly List<(int Number, Wire Wire, long Bits, ArraySegment<byte> Bytes)> _fields = [];

    /// <param name="what">What the message is, for refusals.</param>
    /// <param name="once">Fields that stand there at most once.</param>
    /// <param name="repeated">Fields that may stand there any number of times.</param>
    /// <exception cref="UnsupportedGraphException">There are other fields.</exception>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no protobuf.</exception>
    public ProtoMessage(string what, ArraySegment<byte> bytes, int[] once, int[] repeated)
    {
        _what = what;
        var input = new CodedInputStream(bytes.Array!, bytes.Offset, bytes.Count);
        var start = input.Position;
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            var single = once.Contains(number);
            if (!single && !repeated.Contains(number))
            {
                throw Refused($"has field {number}");
            }
            if (single && Has(number))
            {
                throw Refused($"has field {number} twice");
            }
            _fields.Add(Field(input, tag, start, bytes));
        }
    }

    public bool Has(int number) => _fields.Exists(field => field.Number == number);

    /// <summary>A text; empty where there is none.</summary>
    public string Text(int number) => Texts(number).FirstOrDefault("");

    public string[] Texts(int number) =>
        [.. Messages(number).Select(bytes => System.Text.Encoding.UTF8.GetString(bytes))];

    public IEnumerable<ArraySegment<byte>> Messages(int number) =>
        All(number, Wire.LengthDelimited).Select(field => field.Bytes);

    public long? Number(int number) => Has(number) ? All(number, Wire.Varint).Single().Bits : null;

    public float Float(int number) => BitConverter.Int32BitsToSingle((int)All(number, Wire.Fixed32).Single().Bits);

    /// <summary>Whole numbers, packed or one a field.</summary>
    public long[] Numbers(int number)
    {
        var numbers = new List<long>();
        foreach ((var _, var wire, var bits, var bytes) in _fields.Where(field => field.Number == number))
        {
            if (wire == Wire.Varint)
            {
                numbers.Add(bits);
                continue;
            }
            var packed =
                wire == Wire.LengthDelimited
                    ? new CodedInputStream(bytes.Array!, bytes.Offset, bytes.Count)
                    : throw Refused($"has field {number} as {wire}");
            while (!packed.IsAtEnd)
            {
                numbers.Add(packed.ReadInt64());
            }
        }
        return [.. numbers];
    }

    /// <summary>Floats that stand side by side in one field.</summary>
    public float[] Floats(int number)
    {
        var bytes = Messages(number).Single();
        if (bytes.Count % sizeof(float) != 0)
        {
            throw Refused($"has {bytes.Count} bytes of floats");
        }
        if (BitConverter.IsLittleEndian)
        {
            return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        }
        var floats = new float[bytes.Count / sizeof(float)];
        for (var at = 0; at < floats.Length; at++)
        {
            floats[at] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at * sizeof(float)));
        }
        return floats;
    }

    public UnsupportedGraphException Refused(string why) => new($"{_what} {why}");

    private IEnumerable<(int Number, Wire Wire, long Bits, ArraySegment<byte> Bytes)> All(int number, Wire wire) =>
        _fields
            .Where(field => field.Number == number)
            .Select(field => field.Wire == wire ? field : throw Refused($"has field {number} as {field.Wire}"));

    private (int Number, Wire Wire, long Bits, ArraySegment<byte> Bytes) Field(
        CodedInputStream input,
        uint tag,
        long start,
        ArraySegment<byte> bytes
    )
    {
        (var number, var wire) = (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag));
        switch (wire)
        {
            case Wire.Varint:
                return (number, wire, input.ReadInt64(), default);
            case Wire.Fixed32:
                return (number, wire, input.ReadFixed32(), default);
            case Wire.LengthDelimited:
                // A slice, since weights read as ByteStrings would be copied once a level of nesting.
                var from = (int)(input.Position - start);
                input.SkipLastField();
                var end = (int)(input.Position - start);
                var length = new CodedInputStream(bytes.Array!, bytes.Offset + from, end - from).ReadLength();
                return (number, wire, 0, bytes.Slice(end - length, length));
            default:
                throw Refused($"has field {number} as {wire}");
        }
    }
}
