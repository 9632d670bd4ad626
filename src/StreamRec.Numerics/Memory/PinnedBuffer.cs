using System.Runtime.InteropServices;

namespace StreamRec.Numerics.Memory;

/// <summary>
/// Zeroed memory that stays where it is for as long as the buffer is referred to, and begins at a boundary: a vector
/// that lies across two lines costs twice, and one that is written across two pages costs tens of times, what it costs
/// within one. For what one search works on;
/// <see cref="AlignedBuffer{T}"/> is for what an index holds, on huge pages.
/// </summary>
internal readonly unsafe struct PinnedBuffer<T>
    where T : unmanaged
{
    /// <summary>
    /// Boundaries: of a line of the cache, and of a page, for what is written over and over at its beginning.
    /// </summary>
    public const int Line = 64,
        Page = 4096;

    private readonly T[] _memory;
    private readonly int _first;
    private readonly int _length;

    public PinnedBuffer(int length, int boundary = Line)
    {
        _length = length;
        _memory = GC.AllocateArray<T>(length + boundary / sizeof(T), pinned: true);
        var address = (nuint)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        _first = (int)(((nuint)boundary - address % (nuint)boundary) % (nuint)boundary / (nuint)sizeof(T));
    }

    public T* Pointer => (T*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, _first);

    public Span<T> Span => _memory.AsSpan(_first, _length);
}
