using System.Text.Unicode;

namespace StreamRec.Binary;

/// <summary>Reads what <see cref="VarintWriter"/> wrote; every length is bounded before it is used.</summary>
/// <remarks>Anything else raises <see cref="InvalidDataException"/>; nothing is read behind the end.</remarks>
internal ref struct VarintReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public byte Byte() =>
        _at < _bytes.Length ? _bytes[_at++] : throw new InvalidDataException($"The bytes end at {_at}.");

    /// <param name="most">The largest value that is allowed.</param>
    public ulong Unsigned(ulong most = ulong.MaxValue)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            if (shift == 63 && next > 1)
            {
                break;
            }
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value <= most
                    ? value
                    : throw new InvalidDataException($"{value} before byte {_at} is above {most}.");
            }
        }
        throw new InvalidDataException($"The number before byte {_at} is longer than 64 bits.");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if (length > _bytes.Length - _at)
        {
            throw new InvalidDataException($"{length} bytes at byte {_at} reach behind the end.");
        }
        _at += length;
        return _bytes.Slice(_at - length, length);
    }

    /// <summary>A number of bytes, then UTF-8.</summary>
    public ReadOnlySpan<byte> Text(int mostBytes)
    {
        var text = Bytes((int)Unsigned((ulong)mostBytes));
        return Utf8.IsValid(text) ? text : throw new InvalidDataException($"The text at byte {_at} is not UTF-8.");
    }

    public readonly void End()
    {
        if (_at != _bytes.Length)
        {
            throw new InvalidDataException($"{_bytes.Length - _at} bytes follow the end.");
        }
    }
}
