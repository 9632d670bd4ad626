using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace StreamRec.Numerics.Memory;

/// <summary>
/// Asks the processor for memory that will be needed soon, so that places far apart are on their way at once instead of
/// one after the other. A hint and no access: it changes nothing and cannot fail, whatever it is given.
/// </summary>
public static unsafe class CpuPrefetch
{
    private const int Line = 64;

    // An array's elements stand behind its type and its length.
    private static int Elements => 2 * sizeof(nint);

    /// <summary>The first bytes of an object, which is not looked at itself; null does no harm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Of(object? target, int bytes = Line) => Lines(AddressOf(target), bytes);

    /// <summary>Some elements of an array, which is not looked at itself: there need not be as many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Of<T>(T[] array, int first, int count) =>
        Lines(AddressOf(array) + Elements + (nint)first * Unsafe.SizeOf<T>(), (nint)count * Unsafe.SizeOf<T>());

    /// <summary>All of a span.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfSpan<T>(ReadOnlySpan<T> span)
        where T : unmanaged =>
        Lines((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span)), (nint)span.Length * Unsafe.SizeOf<T>());

    // Should the collector move the object now, other memory comes than was meant, and no harm is done.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint AddressOf(object? target) => Unsafe.As<object?, nint>(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lines(nint at, nint bytes)
    {
        if (Sse.IsSupported)
        {
            for (var line = at & -Line; line < at + bytes; line += Line)
            {
                Sse.Prefetch0((void*)line);
            }
        }
    }
}
