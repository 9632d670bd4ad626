using System.Runtime.InteropServices;

namespace StreamRec.Testing.Servers;

/// <summary>Signals to processes that a test started.</summary>
internal static partial class Signals
{
    public const int Kill = 9,
        Terminate = 15,
        Continue = 18,
        Stop = 19;

    public static void Send(int process, int signal)
    {
        if (SendSignal(process, signal) != 0 && signal != Kill)
        {
            throw new InvalidOperationException(
                $"Process {process} took no signal {signal} (errno {Marshal.GetLastPInvokeError()})."
            );
        }
    }

    /// <summary>The state letter of a process, as in /proc: R, S, T (stopped), Z, …; null once it is gone.</summary>
    public static char? StateOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
