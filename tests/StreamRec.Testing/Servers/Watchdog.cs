using System.Diagnostics;

namespace StreamRec.Testing.Servers;

/// <summary>
/// Ends the servers and workers of a test when the test's own process is gone, however it went: a shell in a session of
/// its own, which reads from this process what to watch, and kills all of it where that input ends.
/// </summary>
internal static class Watchdog
{
    // What is watched is a process's id, or a directory of Kafka's with the ids of its nodes in files. The script that
    // starts a Kafka is a process too, and ends before the directory is looked at.
    private const string Script = """
        trap '' INT TERM HUP
        declare -A watched
        while read -r what; do
          case $what in -*) unset "watched[${what#-}]" ;; *) watched[$what]=1 ;; esac
        done
        for what in "${!watched[@]}"; do [[ -d $what ]] || kill -KILL "$what"; done 2> /dev/null
        for what in "${!watched[@]}"; do
          if [[ -d $what ]]; then kill -KILL $(cat "$what"/node-*/pid); rm -rf "$what"; fi
        done 2> /dev/null
        """;

    private static readonly Lazy<StreamWriter> s_input = new(Start);

    public static void Watch(int process) => Tell($"{process}");

    public static void WatchKafka(string directory) => Tell(directory);

    /// <summary>Of what has ended: its id may become another's.</summary>
    public static void Forget(int process) => Tell($"-{process}");

    public static void ForgetKafka(string directory) => Tell($"-{directory}");

    private static void Tell(string line)
    {
        lock (s_input)
        {
            s_input.Value.WriteLine(line);
        }
    }

    private static StreamWriter Start()
    {
        // Closed by the system when this process ends; .NET lets no child inherit it.
        var input = Process
            .Start(new ProcessStartInfo("setsid", ["bash", "-c", Script]) { RedirectStandardInput = true })!
            .StandardInput;
        input.AutoFlush = true;
        return input;
    }
}
