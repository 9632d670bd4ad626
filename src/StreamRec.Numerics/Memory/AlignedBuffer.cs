using System.Runtime.InteropServices;

namespace StreamRec.Numerics.Memory;

/// <summary>
/// Zeroed native memory at a 2 MiB boundary, on huge pages where the system gives them: a scan misses the TLB less.
/// Whoever shares it disposes of it once, and the last to do so frees it.
/// </summary>
/// <remarks>The finalizer is a net for owners that were forgotten; the collector is told how much hangs on
/// it.</remarks>
public sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const nuint HugePage = 2 << 20;

    private readonly long _bytes;
    private UseCount _owners;
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
        _bytes = (long)bytes;
        GC.AddMemoryPressure(_bytes);
    }

    ~AlignedBuffer()
    {
        // Also after a constructor that failed.
        if (_memory != null)
        {
            Free();
        }
    }

    public long Length { get; }

    public T* Pointer => (T*)_memory;

    public Span<T> Span(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return new Span<T>(Pointer + start, length);
    }

    /// <summary>One more owner.</summary>
    /// <exception cref="ObjectDisposedException">It is freed.</exception>
    public AlignedBuffer<T> Share()
    {
        ObjectDisposedException.ThrowIf(!_owners.TryEnter(), this);
        return this;
    }

    /// <summary>Ends one owner's use.</summary>
    public void Dispose()
    {
        if (_owners.Leave())
        {
            Free();
            GC.SuppressFinalize(this);
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        GC.RemoveMemoryPressure(_bytes);
    }
}
