using StreamRec.Numerics.Memory;

namespace StreamRec.Binary;

/// <summary>
/// Writes bytes, varints (7 bits a byte, least first, the high bit: more follow), zigzag varints, and texts.
/// </summary>
internal struct VarintWriter(int capacity)
{
    private byte[] _bytes = new byte[Math.Max(16, capacity)];
    private int _length;

    /// <summary>Where the next byte goes.</summary>
    public readonly int Length => _length;

    /// <summary>What was written; valid until the next write.</summary>
    public readonly ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Asks ahead for what was written.</summary>
    public readonly void Prefetch() => CpuPrefetch.Of(_bytes, 0, _length);

    /// <summary>Forgets all, and keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Forgets the first bytes.</summary>
    public void Drop(int count)
    {
        _bytes.AsSpan(count, _length - count).CopyTo(_bytes);
        _length -= count;
    }

    /// <summary>Changes a byte that was written.</summary>
    public readonly void Set(int at, byte value) => _bytes[at] = value;

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[_length++] = value;
    }

    public void Unsigned(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _bytes[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        _bytes[_length++] = (byte)value;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Zigzag: 0, −1, 1, −2, … become 0, 1, 2, 3, …</summary>
    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>The number of bytes of a UTF-8 text as a varint, then they.</summary>
    public void Text(ReadOnlySpan<byte> text)
    {
        Unsigned((ulong)text.Length);
        Bytes(text);
    }

    public readonly byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    private void Reserve(int more)
    {
        if (_length + more > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
        }
    }
}
