using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>
/// A number of all events of a file in their order: files that differ in any of them have, as good as surely, another.
/// </summary>
internal sealed class FileDigest
{
    private readonly XxHash3 _hash = new();

    public ulong Value => _hash.GetCurrentHashAsUInt64();

    public void Add(in ClickEvent click)
    {
        Add(click.UserId);
        Add(click.ItemId);
        Add(click.Type);
        Add(click.SessionId ?? "");
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(time, click.TimeMs);
        _hash.Append(time);
    }

    private void Add(string text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        _hash.Append(length);
        _hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
