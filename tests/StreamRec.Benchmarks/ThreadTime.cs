using System.Runtime.InteropServices;

namespace StreamRec.Benchmarks;

/// <summary>CPU time of the calling thread, from Linux.</summary>
internal static unsafe partial class ThreadTime
{
    private const int ThreadCpuTime = 3;

    public static long Nanoseconds
    {
        get
        {
            var time = stackalloc long[2];
            return Get(ThreadCpuTime, time) == 0
                ? time[0] * 1_000_000_000 + time[1]
                : throw new PlatformNotSupportedException();
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int Get(int clock, long* time);
}
