using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamRec.Bench;

/// <summary>`streamrec work` as a process of its own, and what it says of itself at its end.</summary>
internal sealed partial class WorkerProcess(ChildProcess process) : IDisposable
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(40);

    public ChildProcess Process { get; } = process;

    /// <summary>What a worker counted: records, steps, lists, dead letters, and managed bytes.</summary>
    public (long Records, long Steps, long Lists, long DeadLetters, long Allocated) Totals { get; private set; }

    public static WorkerProcess Start(IEnumerable<string> arguments)
    {
        // Beside this very program: as a host of its own, or to be run by dotnet.
        var host = Path.Combine(AppContext.BaseDirectory, "streamrec");
        string[] command = File.Exists(host)
            ? [host]
            : [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "streamrec.dll")];
        return new WorkerProcess(ChildProcess.Start(command[0], [.. command[1..], "work", .. arguments]));
    }

    /// <exception cref="StreamRecException">It ended by itself; the message is its last words.</exception>
    public void ThrowIfEnded() => Process.ThrowIfEnded("The worker");

    public async Task StopAsync()
    {
        await Process.StopAsync(s_drain);
        foreach (var line in Process.Lines)
        {
            if (Stopped().Match(line) is { Success: true } match)
            {
                long Number(int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
                Totals = (Number(1), Number(2), Number(3), Number(4), Number(5));
            }
        }
    }

    public void Dispose() => Process.Dispose();

    [GeneratedRegex(@"Stopped after (\d+) records in (\d+) steps; (\d+) lists, (\d+) dead letters, (\d+) bytes")]
    private static partial Regex Stopped();
}
