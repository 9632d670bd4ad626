using System.Runtime.InteropServices;

namespace StreamRec.Numerics.Memory;

/// <summary>
/// Zeroed native memory at a 2 MiB boundary, on huge pages where the system gives them: a scan misses the TLB less.
/// </summary>
public sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const nuint HugePage = 2 << 20;

    private void* _memory;

    public AlignedBuffer(long length)
    {
        Length = length;
        var bytes = (nuint)Math.Max(1, length) * (nuint)sizeof(T);
        bytes = (bytes + 63) / 64 * 64;
        var huge = bytes >= HugePage;
        bytes = huge ? (bytes + HugePage - 1) / HugePage * HugePage : bytes;
        _memory = NativeMemory.AlignedAlloc(bytes, huge ? HugePage : 64);
        if (huge)
        {
            HugePages.Advise(_memory, bytes);
        }
        NativeMemory.Clear(_memory, bytes);
    }

    ~AlignedBuffer() => Free();

    public long Length { get; }

    public T* Pointer => (T*)_memory;

    public Span<T> Span(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new Span<T>(Pointer + start, length);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
