using System.Runtime.InteropServices;

namespace StreamRec.Numerics.Memory;

/// <summary>Asks Linux for 2 MiB pages. A hint: where it is refused, or elsewhere, small pages do.</summary>
internal static unsafe partial class HugePages
{
    private const int MadviseHugePage = 14;

    /// <param name="memory">Aligned to a page.</param>
    public static void Advise(void* memory, nuint bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Madvise(memory, bytes, MadviseHugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* start, nuint length, int advice);
}
